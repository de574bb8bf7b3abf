import { Sparkles, X } from "lucide-react";
import { useState } from "react";
import type { MachineModelList } from "../../native/contract/contract.ts";
import { useBatches } from "../state/batches.ts";
import { useResource } from "../state/resource.ts";
import { routeTo } from "../state/route.ts";
import { IconButton } from "../ui/ui.ts";
import { hasSeenWelcome, rememberWelcome } from "../welcome/seen.ts";
import { words } from "../words/words.ts";

/** Offers the first run where no model but the demo is here and nothing was ever queued; once dismissed, never again. */
export function WelcomeHint() {
	const [isSeen, setIsSeen] = useState(hasSeenWelcome);
	const isNew = useBatches((state) => state.isLoaded && state.byId.size === 0);
	const { resource } = useResource<MachineModelList>(isNew && !isSeen ? "/api/models" : null);
	if (isSeen || !isNew || resource.state !== "there") return null;
	if (resource.value.data.some(({ place }) => place !== "bundled")) return null;
	return (
		<aside className="flex items-center gap-2.5 rounded-md bg-accent-soft py-1.5 pr-1.5 pl-3">
			<Sparkles aria-hidden className="size-4 shrink-0 text-accent" />
			<p className="min-w-0 grow">{words.drop.welcomeHint}</p>
			<a href={routeTo("welcome")} className="shrink-0 rounded-md px-2 py-1 font-medium text-accent hover:underline">
				{words.drop.welcomeOpen}
			</a>
			<IconButton
				label={words.drop.dismiss}
				onClick={() => {
					rememberWelcome();
					setIsSeen(true);
				}}
			>
				<X aria-hidden className="size-4" />
			</IconButton>
		</aside>
	);
}
