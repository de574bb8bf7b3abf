import { systemClock } from "../base/base.ts";
import type { BatchHealth } from "../contract/contract.ts";
import { createLineView } from "./line-view.ts";

/** Shows how a batch of a service does, on stderr. */
export interface StatusLine {
	/** `isLast`: it is said whatever was said before. */
	update(health: BatchHealth, isLast: boolean): void;
	end(): void;
}

/** Off a terminal a line is printed this often, or when the state is another: a night's log stays readable. */
const PLAIN_EVERY_MS = 60_000;

/** Makes the line. */
export function createStatusLine(): StatusLine {
	const view = createLineView(process.stderr, systemClock, PLAIN_EVERY_MS);
	let told = "";
	return {
		update({ state, words }, isLast) {
			view.update({ lead: "", plain: words }, isLast || state !== told);
			told = state;
		},
		end: view.end,
	};
}
