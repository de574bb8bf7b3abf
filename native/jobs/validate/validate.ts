/**
 * Reads a batch file once, names every fault in it and indexes its lines. Owns what makes a line fit to be run; must never run
 * anything, keep the file in memory, or touch the ledger: whoever calls puts the index where it belongs.
 *
 * Lenient where it cannot hurt, strict where a line could mean two things:
 * - a byte order mark at the start is skipped, lines may end in CRLF, the last one in nothing;
 * - blank lines are skipped and reported as a notice, since they ask for nothing;
 * - unknown keys beside those of the dialect are ignored;
 * - everything else is a fault, and a file with one fault is not indexed any further.
 *
 * Memory stays bounded whatever the file: one line of at most 32 MB, one slice of the index, 1,000 faults, and per line two
 * table entries of about 25 bytes.
 */

import { setImmediate } from "node:timers/promises";
import { formatCount } from "../../base/base.ts";
import type { Fault, IndexedLine } from "../../ledger/ledger.ts";
import { createFaultList, type Notice } from "./fault-list.ts";
import { createLineCheck } from "./line-check.ts";
import { createPromptLengths } from "./prompt-lengths.ts";
import { createRefusals } from "./refusals.ts";
import type { ValidationOptions } from "./validation-options.ts";

export type { Notice } from "./fault-list.ts";
export { MAX_LINES } from "./line-check.ts";
export type { ValidationOptions } from "./validation-options.ts";

/** Longest line or row read. Longer ones are faults; a request of that size is a mistake, and it must fit in memory to be parsed. */
export const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** Lines handed to the sink at once, and between pauses: about 5 ms of work, so that live requests are heard meanwhile. */
const SLICE_LINES = 1_000;

/** Bytes checked between pauses where lines are long, for the same reason. */
const PAUSE_BYTES = 1024 * 1024;

/** Takes the index as it grows. */
export interface ValidationSink {
	/** Lines in order, at most 5,000 a call. Called only while no fault was found; what was given before one is of no use. */
	lines(slice: readonly IndexedLine[]): void | Promise<void>;
}

/** What is in a file. */
export interface ValidationReport {
	/** Requests in the file, faulty ones included. */
	readonly total: number;
	/** In order of lines; the first 1,000 found. Empty: the file is fit to be run. */
	readonly faults: readonly Fault[];
	/** Faults found beyond those listed. */
	readonly moreFaults: number;
	/** What was put up with. */
	readonly notices: readonly Notice[];
	/** Times that something was put up with beyond what is listed. */
	readonly moreNotices: number;
	/** The one model of the file by its own name, or the override; null: no line names one that is here. */
	readonly model: string | null;
	/** The endpoint of the batch; null: none was given, and no line has one. */
	readonly endpoint: string | null;
}

/** Checks and indexes the bytes of a batch file in one pass. How the bytes are cut into chunks makes no difference. */
export async function validateBatchFile(
	bytes: AsyncIterable<Uint8Array>,
	options: ValidationOptions,
	sink: ValidationSink,
): Promise<ValidationReport> {
	const faults = createFaultList(options.maxFaults);
	const refuse = createRefusals(options, faults);
	const lengths = createPromptLengths(options, faults, refuse);
	const check = createLineCheck(options, { faults, refuse, lengths });
	const reader = options.format.createReader(MAX_LINE_BYTES);
	let slice: IndexedLine[] = [];
	let uncheckedBytes = 0;
	let uncheckedLines = 0;

	async function pause(): Promise<void> {
		if (lengths.isFull()) await lengths.flush();
		if (faults.count === 0 && slice.length > 0) await sink.lines(slice);
		slice = [];
		uncheckedBytes = 0;
		uncheckedLines = 0;
		await setImmediate();
		options.signal?.throwIfAborted();
	}

	async function take(lines: ReturnType<typeof reader.push>): Promise<void> {
		for (const line of lines) {
			const indexed = check.line(line);
			if (indexed !== null) slice.push(indexed);
			uncheckedLines += 1;
			uncheckedBytes += line.length;
			if (uncheckedLines >= SLICE_LINES || uncheckedBytes >= PAUSE_BYTES || lengths.isFull()) await pause();
		}
	}

	for await (const chunk of bytes) {
		await take(reader.push(chunk));
		if (reader.isHopeless()) break;
	}
	await take(reader.end());
	check.end();
	await lengths.flush();
	await pause();
	return { ...faults.report(), ...check.summary() };
}

/** The faults as a batch keeps them: those listed and, where there are more, a last one that says how many. */
export function listFaults(report: Pick<ValidationReport, "faults" | "moreFaults">): readonly Fault[] {
	if (report.moreFaults === 0) return report.faults;
	const more = formatCount(report.moreFaults);
	const message = `There are ${more} more faults, not listed. Mend those above and check the file again.`;
	return [...report.faults, { code: "invalid_request", message, param: null, line: null }];
}

/** What was put up with, as a batch keeps it: each kind once, with the first of its lines. */
export function listNotices(report: Pick<ValidationReport, "notices" | "moreNotices">): readonly Fault[] {
	const listed = report.notices.map(({ message, count, firstLine }) => {
		const times = count === 1 ? "" : ` (${formatCount(count)} lines, the first of them here)`;
		return { code: NOTICE, message: `${message}${times}`, param: null, line: firstLine };
	});
	if (report.moreNotices === 0) return listed;
	const message = `There are ${formatCount(report.moreNotices)} more notices, not listed.`;
	return [...listed, { code: NOTICE, message, param: null, line: null }];
}

/** Code of what is no fault. */
const NOTICE = "notice";
