/** Faults and notices of one file, bounded in number. */
import type { BatchFaultCode } from "../../contract/contract.ts";
import type { Fault } from "../../ledger/ledger.ts";

/** Faults kept with all they say; further ones are only counted. As many as a person could want to read at once. */
export const MAX_FAULTS = 1_000;

/** Longest message and field kept, in characters: both may quote the file, and a key in it may be megabytes long. */
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_PARAM_LENGTH = 200;

/** Something that was put up with: how often, and where first (1-based line). */
export interface Notice {
	readonly message: string;
	readonly count: number;
	readonly firstLine: number;
}

/** Gathers what is found in a file. */
export interface FaultList {
	/** Faults so far, listed or not. */
	readonly count: number;
	add(code: BatchFaultCode, line: number | null, param: string | null, message: string): void;
	/** Notices of equal message are one. Messages must be few: they are kept for good. */
	notice(line: number, message: string): void;
	report(): { readonly faults: readonly Fault[]; readonly moreFaults: number; readonly notices: readonly Notice[] };
}

/** An empty list. */
export function createFaultList(): FaultList {
	const faults: Fault[] = [];
	const notices = new Map<string, { message: string; count: number; firstLine: number }>();
	let count = 0;
	return {
		get count() {
			return count;
		},
		add(code, line, param, message) {
			count += 1;
			if (faults.length >= MAX_FAULTS) return;
			faults.push({
				code,
				line,
				message: clip(message, MAX_MESSAGE_LENGTH),
				param: param === null ? null : clip(param, MAX_PARAM_LENGTH),
			});
		},
		notice(line, message) {
			const known = notices.get(message);
			if (known === undefined) notices.set(message, { message, count: 1, firstLine: line });
			else known.count += 1;
		},
		report() {
			// Prompts are measured in groups, after lines that follow them: bring all in order. Of the file as a whole: last.
			const ordered = faults.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0);
			return { faults: ordered, moreFaults: count - faults.length, notices: [...notices.values()] };
		},
	};
}

/** The start of a long text, as bytes of its own: a plain slice would keep the whole text in memory. */
function clip(text: string, length: number): string {
	return text.length <= length ? text : `${Buffer.from(text.slice(0, length)).toString()}…`;
}
