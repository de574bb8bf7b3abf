/** What becomes of a line whose request the endpoint's dialect would answer with a 400. */
import type { FaultList } from "./fault-list.ts";
import type { Refuse } from "./prompt-lengths.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Where its lines may fail alone, a notice; else a fault of the file. */
export function createRefusals({ format, badLines }: ValidationOptions, faults: FaultList): Refuse {
	return (line, field, message) => {
		if (badLines === "fail-line") faults.notice(line, willFail(message));
		else faults.add("invalid_request", line, format.paramOf(inBrackets(field)), message);
	};
}

/** Says of a line that it will fail alone. */
export function willFail(message: string): string {
	return `This line will be answered with a 400: ${message}`;
}

/** Anthropic's paths count with dots (`messages.0.role`); faults of files are named the same way in all dialects. */
function inBrackets(field: string | null): string | null {
	return field === null ? null : field.replaceAll(/\.(\d+)(?=\.|$)/g, "[$1]");
}
