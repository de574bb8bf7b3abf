/** Tells the service how the mesh stands, whenever that changed and never more often than people can see. */
import { isDeepStrictEqual } from "node:util";
import type { MeshView } from "../../contract/contract.ts";
import type { FromNode } from "./messages.ts";

/** Looks and tells. */
export interface Reporter {
	start(): void;
	/** Something people wait for has changed: told at once. */
	tellNow(): void;
	stop(): void;
}

/** How often is looked. */
const LOOK_MS = 500;

/** Has told nothing yet. */
export function createReporter(deps: {
	readonly post: (message: FromNode) => void;
	readonly view: () => MeshView;
	/** What else has changed since the last look, told with it. */
	readonly others: () => readonly FromNode[];
}): Reporter {
	let told: MeshView | null = null;
	let timer: NodeJS.Timeout | null = null;

	function look(): void {
		const view = deps.view();
		if (!isDeepStrictEqual(view, told)) {
			told = view;
			deps.post({ kind: "view", view });
		}
		for (const message of deps.others()) deps.post(message);
	}

	return {
		start() {
			look();
			timer ??= setInterval(look, LOOK_MS);
		},
		tellNow() {
			if (timer !== null) look();
		},
		stop() {
			if (timer !== null) clearInterval(timer);
			timer = null;
		},
	};
}
