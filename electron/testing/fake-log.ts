/** A log that keeps what was written. */
import type { ShellLog } from "../log.ts";

/** The log, and what is in it. */
export interface FakeLog extends ShellLog {
	/** What was written, without details. */
	readonly warnings: readonly string[];
	/** The same with its details, as JSON. */
	readonly lines: readonly string[];
}

/** Makes an empty one. */
export function createFakeLog(): FakeLog {
	const warnings: string[] = [];
	const lines: string[] = [];
	return {
		warnings,
		lines,
		warn(details, message) {
			warnings.push(message);
			lines.push(`${message}: ${JSON.stringify(details)}`);
		},
	};
}
