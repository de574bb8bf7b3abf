/** Faults and notices of one file, bounded in number. */
import type { BatchFaultCode } from "../../contract/contract.ts";
import type { Fault } from "../../ledger/ledger.ts";

/** Faults kept with all they say; further ones are only counted. As many as a person could want to read at once. */
export const MAX_FAULTS = 1_000;

/** Longest message and field kept, in characters: both may quote the file, and a key in it may be megabytes long. */
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_PARAM_LENGTH = 200;

/** Notices kept, each with all it says; further ones are only counted. A batch keeps 100: these, and how many more there are. */
const MAX_NOTICES = 99;

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
	/** Notices of equal message are one. */
	notice(line: number, message: string): void;
	report(): FaultReport;
}

/** What a list has gathered. */
export interface FaultReport {
	readonly faults: readonly Fault[];
	/** Faults found beyond those listed. */
	readonly moreFaults: number;
	readonly notices: readonly Notice[];
	/** Times that something was put up with beyond what is listed. */
	readonly moreNotices: number;
}

/** An empty list. */
export function createFaultList(maxFaults = MAX_FAULTS): FaultList {
	const faults: Fault[] = [];
	const notices = new Map<string, { message: string; count: number; firstLine: number }>();
	let count = 0;
	let moreNotices = 0;
	return {
		get count() {
			return count;
		},
		add(code, line, param, message) {
			count += 1;
			if (faults.length >= maxFaults) return;
			faults.push({
				code,
				line,
				message: clip(message, MAX_MESSAGE_LENGTH),
				param: param === null ? null : clip(param, MAX_PARAM_LENGTH),
			});
		},
		notice(line, message) {
			const text = clip(message, MAX_MESSAGE_LENGTH);
			const known = notices.get(text);
			if (known !== undefined) known.count += 1;
			else if (notices.size >= MAX_NOTICES) moreNotices += 1;
			else notices.set(text, { message: text, count: 1, firstLine: line });
		},
		report() {
			// Prompts are measured in groups, after lines that follow them: bring all in order. Of the file as a whole: last.
			const ordered = faults.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0);
			return { faults: ordered, moreFaults: count - faults.length, notices: [...notices.values()], moreNotices };
		},
	};
}

/** The start of a text, as bytes of its own: a piece of a line, even a short one, keeps all of that line in memory. */
function clip(text: string, length: number): string {
	const start = Buffer.from(text.slice(0, length)).toString();
	return text.length <= length ? start : `${start}…`;
}
