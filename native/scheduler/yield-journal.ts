/** Remembers every time batch work stepped aside: a JSON line each, bounded on disk and in memory. */
import { readFileSync } from "node:fs";
import { appendFile, rename } from "node:fs/promises";
import { z } from "zod";
import { errorCode, type Log, parseJson } from "../base/base.ts";
import { statusSchema, type Yield, yieldSchema } from "../contract/contract.ts";
import type { StepAside } from "./scheduler.ts";

/** The record of all yields. */
export interface YieldJournal {
	/** The last ones, oldest first. */
	readonly yields: readonly Yield[];
	/** Of all there ever were. */
	readonly totals: StepAside["totals"];
	/** Numbers a yield and writes it down. A disk that takes no more is told in the log: nothing else depends on it. */
	append(entry: Omit<Yield, "number">): void;
	/** Resolves when all that was appended is written. */
	close(): Promise<void>;
}

/** What a journal needs. */
export interface YieldJournalDeps {
	readonly path: string;
	readonly log: Log;
	readonly limits?: YieldJournalLimits;
}

/** Bounds of a journal. */
export interface YieldJournalLimits {
	/** Yields kept in memory: several screens of them, and some 60 kB. */
	readonly remembered: number;
	/** A file this large becomes the old one: some 3,000 yields. With the old one, 2 MiB at most. */
	readonly fileBytes: number;
}

/** What the product runs with. */
export const yieldJournalLimits: YieldJournalLimits = { remembered: 200, fileBytes: 1024 * 1024 };

/** Every line says what all lines until then add up to, so that old files can go. */
const lineSchema = z.strictObject({ yield: yieldSchema, totals: statusSchema.shape.stepAside.shape.totals });

/** Opens a journal, with what earlier runs wrote into it. The file before the current one has `.1` after its name. */
export function openYieldJournal({ path, log, limits = yieldJournalLimits }: YieldJournalDeps): YieldJournal {
	const oldPath = `${path}.1`;
	const current = readLines(path, log);
	const past = [...readLines(oldPath, log).lines, ...current.lines];
	const yields = past.slice(-limits.remembered).map((line) => line.yield);
	let totals: StepAside["totals"] = past.at(-1)?.totals ?? { count: 0, frozenMs: 0, recomputedTokens: 0 };
	let sizeBytes = current.sizeBytes;
	// What a crash left half written must not swallow the next line.
	let isMidLine = current.isMidLine;
	let writing = Promise.resolve();

	async function write(line: string): Promise<void> {
		const text = isMidLine ? `\n${line}` : line;
		const addedBytes = Buffer.byteLength(text);
		try {
			if (sizeBytes > 0 && sizeBytes + addedBytes > limits.fileBytes) {
				// Counted from zero even where renaming fails, so that it is tried again only a whole file later.
				sizeBytes = 0;
				await rename(path, oldPath);
			}
			await appendFile(path, text);
			sizeBytes += addedBytes;
			isMidLine = false;
		} catch (error) {
			isMidLine = true;
			log.error({ error, path }, "a yield could not be written down");
		}
	}

	return {
		yields,
		get totals() {
			return totals;
		},
		append(entry) {
			const entered: Yield = { number: totals.count + 1, ...entry };
			totals = {
				count: entered.number,
				frozenMs: totals.frozenMs + entered.frozenMs,
				recomputedTokens: totals.recomputedTokens + entered.recomputedTokens,
			};
			yields.push(entered);
			if (yields.length > limits.remembered) yields.shift();
			const line = `${JSON.stringify({ yield: entered, totals } satisfies z.infer<typeof lineSchema>)}\n`;
			writing = writing.then(() => write(line));
		},
		close: () => writing,
	};
}

/** What a file of the journal holds. */
interface JournalFile {
	readonly lines: readonly z.infer<typeof lineSchema>[];
	readonly sizeBytes: number;
	readonly isMidLine: boolean;
}

function readLines(path: string, log: Log): JournalFile {
	const text = readText(path, log);
	const lines: z.infer<typeof lineSchema>[] = [];
	for (const [index, line] of text.split("\n").entries()) {
		if (line === "") continue;
		const parsed = lineSchema.safeParse(parseJson(line));
		if (parsed.success) lines.push(parsed.data);
		else log.warn({ path, line: index + 1 }, "a line of the record of yields can't be read and is left out");
	}
	return { lines, sizeBytes: Buffer.byteLength(text), isMidLine: text !== "" && !text.endsWith("\n") };
}

function readText(path: string, log: Log): string {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		if (errorCode(error) !== "ENOENT") log.warn({ error, path }, "the record of yields can't be read; it begins anew");
		return "";
	}
}
