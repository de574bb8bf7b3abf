/** Keeps the computer from sleeping while the service says so: one block at most, and none for a service that is gone. */
import type { PowerSaveBlocker } from "electron";
import type { ServiceLink } from "../service/link.ts";

/** What it needs of Electron. */
export type PowerSaveBlockerPort = Pick<PowerSaveBlocker, "start" | "stop" | "isStarted">;

/** What it is made from. */
export interface KeepAwakeDeps {
	readonly link: Pick<ServiceLink, "onKeepAwake" | "watch">;
	readonly blocker: PowerSaveBlockerPort;
}

/** Begins to listen. The answered function ends it, and the block with it. */
export function startKeepAwake({ link, blocker }: KeepAwakeDeps): () => void {
	let block: number | null = null;

	function release(): void {
		if (block !== null && blocker.isStarted(block)) blocker.stop(block);
		block = null;
	}

	const stops = [
		link.onKeepAwake((isWanted) => {
			if (!isWanted) return release();
			// The screen may go dark: nobody looks at it at night.
			if (block === null) block = blocker.start("prevent-app-suspension");
		}),
		// A service that ended wants nothing any more; the next one says anew what it wants.
		link.watch(({ service }) => {
			if (service.kind !== "up") release();
		}),
	];
	return () => {
		for (const stop of stops) stop();
		release();
	};
}
