import { CSPProvider } from "@base-ui/react/csp-provider";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { signIn } from "./api/client.ts";
import { App } from "./app.tsx";
import { startDrops } from "./drop/window-drop.ts";
import { startFeed } from "./state/feed.ts";
import "./theme.css";

const place = document.getElementById("page");
if (place === null) throw new Error("The page has lost its place in index.html.");
// What a wrong code came to shows by itself: whoever is not let in is told so by the first answer.
await signIn();
startFeed();
startDrops();
createRoot(place).render(
	<StrictMode>
		<CSPProvider disableStyleElements>
			<App />
		</CSPProvider>
	</StrictMode>,
);
