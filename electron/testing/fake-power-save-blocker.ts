/** A power save blocker that keeps which of its blocks hold. */
import type { PowerSaveBlockerPort } from "../power/keep-awake.ts";

/** The fake. */
export class FakePowerSaveBlocker implements PowerSaveBlockerPort {
	readonly #held = new Map<number, string>();
	#last = 0;

	/** What is prevented now, one entry a block. */
	get held(): readonly string[] {
		return [...this.#held.values()];
	}

	start(type: "prevent-app-suspension" | "prevent-display-sleep"): number {
		this.#last += 1;
		this.#held.set(this.#last, type);
		return this.#last;
	}

	stop(id: number): boolean {
		return this.#held.delete(id);
	}

	isStarted(id: number): boolean {
		return this.#held.has(id);
	}
}
