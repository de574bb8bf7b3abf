/** Keeps the last look at the power, one look at a time. */
import type { Log } from "../base/base.ts";
import type { PowerProbe, PowerSight } from "./power-probe.ts";

/** A look at the computer waits for at most one before it, and each is limited to less than 2 s; what takes longer hangs. */
const LOOK_LIMIT_MS = 5_000;
/** So many failed looks in a row and the last reading is a minute old: from then on it is an estimate. */
const MOST_FAILED_LOOKS = 6;

/** What was last seen. */
export interface PowerWatch {
	/** Null: nothing yet. */
	readonly sight: PowerSight | null;
	/** Looks, unless the last look still runs. */
	look(): void;
	/**
	 * Looks if there is something to see: where no GPU told anything there is no use in asking again soon. A look that still runs
	 * counts as failed.
	 */
	lookAgain(): void;
	/** Ends the look that runs. */
	stop(): void;
}

/** Makes a watch. `onLooked` is called when a look ended, whatever came of it, or when there was nothing to look at. */
export function createPowerWatch(probe: PowerProbe, log: Log, onLooked: () => void): PowerWatch {
	let sight: PowerSight | null = null;
	let failedLooks = 0;
	let isLooking = false;
	let stopping = new AbortController();

	async function run(): Promise<void> {
		isLooking = true;
		stopping = new AbortController();
		const { signal } = stopping;
		const seen = await probe(AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT_MS)]));
		isLooking = false;
		if (signal.aborted) return;
		if (seen.ok) {
			failedLooks = 0;
			sight = seen.value;
			onLooked();
		} else {
			fail(seen.error.message);
		}
	}

	function fail(problem: string): void {
		failedLooks++;
		if (failedLooks === 1) log.warn({ problem }, "the power of the GPU can't be read; the last reading stands");
		if (failedLooks === MOST_FAILED_LOOKS && sight !== null && sight.gpus.length > 0) {
			log.warn({ problem }, "the power of the GPU could not be read for a minute; it is estimated now");
			sight = { ...sight, gpus: [] };
		}
		onLooked();
	}

	function look(): void {
		if (isLooking) return;
		run().catch((error: unknown) => {
			isLooking = false;
			fail(String(error));
		});
	}

	return {
		get sight() {
			return sight;
		},
		look,
		lookAgain() {
			if (isLooking) fail("the last look has not ended");
			else if (sight === null || failedLooks > 0 || sight.gpus.length > 0) look();
			else onLooked();
		},
		stop: () => stopping.abort(),
	};
}
