/** The page's frame: where one goes, what is wrong with the connection, and the screen. Must never know what a screen shows. */
import { Suspense, useEffect, useRef } from "react";
import { Home } from "./drop/home.tsx";
import { Connection } from "./frame/connection.tsx";
import { ErrorBoundary } from "./frame/error-boundary.tsx";
import { Navigation } from "./frame/navigation.tsx";
import { SkipLink } from "./frame/skip-link.tsx";
import { StatusBar } from "./frame/status-bar.tsx";
import { useConnection } from "./state/connection.ts";
import { part } from "./state/part.ts";
import { type Route, useRoute } from "./state/route.ts";
import { Loading, Toasts } from "./ui/ui.ts";

// Home comes with the page; other screens when they are asked for.
const Chat = part(() => import("./chat/chat.tsx").then(({ Chat }) => Chat));
const Job = part(() => import("./jobs/job.tsx").then(({ Job }) => Job));
const Jobs = part(() => import("./jobs/jobs.tsx").then(({ Jobs }) => Jobs));
const Machines = part(() => import("./machines/machines.tsx").then(({ Machines }) => Machines));
const Models = part(() => import("./models/models.tsx").then(({ Models }) => Models));
const Morning = part(() => import("./morning/morning.tsx").then(({ Morning }) => Morning));
const Settings = part(() => import("./settings/settings.tsx").then(({ Settings }) => Settings));
const Welcome = part(() => import("./welcome/welcome.tsx").then(({ Welcome }) => Welcome));

/** The whole page. */
export function App() {
	const route = useRoute();
	const phase = useConnection((state) => state.phase);
	const main = useRef<HTMLElement>(null);
	const place = `${route.screen} ${"id" in route ? route.id : ""}`;
	// A conversation is no screen of its own: the chat goes on from one to the next.
	const screenKey = route.screen === "chat" ? route.screen : place;
	// Who follows a link is taken to what it leads to, as with a page of its own.
	const shownPlace = useRef(place);
	useEffect(() => {
		if (shownPlace.current === place) return;
		shownPlace.current = place;
		main.current?.focus();
		main.current?.scrollTo(0, 0);
	}, [place]);

	return (
		<Toasts>
			{phase !== "signed-out" && <SkipLink target={main} />}
			<div className="flex h-full flex-col wide:flex-row">
				{phase !== "signed-out" && <Navigation screen={route.screen} />}
				<div className="order-first flex min-h-0 min-w-0 grow flex-col wide:order-none">
					<Connection />
					{phase !== "signed-out" && (
						<main ref={main} id="content" tabIndex={-1} className="min-h-0 grow overflow-y-auto outline-none">
							<div className={route.screen === "chat" ? "h-full" : "mx-auto max-w-5xl p-3 wide:p-6"}>
								<ErrorBoundary key={screenKey}>
									<Suspense fallback={<Loading />}>
										<Shown route={route} />
									</Suspense>
								</ErrorBoundary>
							</div>
						</main>
					)}
					{phase !== "signed-out" && <StatusBar />}
				</div>
			</div>
		</Toasts>
	);
}

function Shown({ route }: { readonly route: Route }) {
	switch (route.screen) {
		case "home":
			return <Home />;
		case "jobs":
			return route.id === null ? <Jobs /> : <Job id={route.id} />;
		case "machines":
			return <Machines />;
		case "models":
			return <Models />;
		case "chat":
			return <Chat id={route.id} />;
		case "morning":
			return <Morning />;
		case "settings":
			return <Settings section={route.section} />;
		case "welcome":
			return <Welcome />;
		default:
			return route satisfies never;
	}
}
