import {
	appendFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Log, silentLog } from "../base/base.ts";
import type { Yield } from "../contract/contract.ts";
import { openYieldJournal, type YieldJournalLimits } from "./yield-journal.ts";

let folder: string;
let path: string;
let said: string[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-yields-"));
	path = join(folder, "yields.jsonl");
	said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function say(_fields: object, message: string): void {
	said.push(message);
}
const open = (limits?: YieldJournalLimits) => {
	const log: Log = { ...silentLog, warn: say, error: say };
	return openYieldJournal(limits ? { path, log, limits } : { path, log });
};

const entry: Omit<Yield, "number"> = {
	cause: { kind: "request", endpoint: "/v1/chat/completions", client: "curl" },
	requests: 1,
	arrivedAtMs: 1_763_000_000_000,
	handBackMs: 12,
	freedBytes: null,
	batchSteps: 1,
	batchTokens: 16,
	frozenLanes: 16,
	frozenMs: 2_500,
	recomputedTokens: 3,
};

test("what was written down is there after a restart, and numbers go on", async () => {
	const first = open();
	first.append(entry);
	first.append(entry);
	await first.close();
	const second = open();
	expect(second.yields).toEqual(first.yields);
	expect(second.totals).toEqual({ count: 2, frozenMs: 5_000, recomputedTokens: 6 });
	second.append(entry);
	await second.close();
	expect(open().yields.map((line) => line.number)).toEqual([1, 2, 3]);
	expect(said).toEqual([]);
});

test("lines written before work was ever stopped are read, and a stop stands beside them", async () => {
	const { freedBytes: _, ...old } = entry;
	const totals = { count: 1, frozenMs: 2_500, recomputedTokens: 3 };
	writeFileSync(path, `${JSON.stringify({ yield: { number: 1, ...old }, totals })}\n`);
	const journal = open();
	expect(journal.yields).toEqual([{ number: 1, ...entry }]);
	const stop: Omit<Yield, "number"> = {
		...entry,
		cause: { kind: "stop", cause: "game", words: "a game is in front" },
		requests: 0,
		freedBytes: 6_000_000_000,
		batchSteps: 0,
		batchTokens: 0,
	};
	journal.append(stop);
	await journal.close();
	expect(open().yields).toEqual([
		{ number: 1, ...entry },
		{ number: 2, ...stop },
	]);
	expect(said).toEqual([]);
});

test("a line that a crash left half written is left out, said in the log, and swallows nothing", async () => {
	const first = open();
	first.append(entry);
	await first.close();
	appendFileSync(path, '{"yield":{"number":2,"cau');
	const second = open();
	expect(second.totals.count).toBe(1);
	expect(said).toEqual(["a line of the record of yields can't be read and is left out"]);
	second.append({ ...entry, frozenMs: 1 });
	await second.close();
	expect(open().yields.map((line) => [line.number, line.frozenMs])).toEqual([
		[1, 2_500],
		[2, 1],
	]);
});

test("it grows no larger than two files, and totals count what is gone", async () => {
	const limits = { remembered: 5, fileBytes: 2_000 };
	const journal = open(limits);
	for (let count = 0; count < 50; count++) journal.append(entry);
	await journal.close();
	expect(statSync(path).size).toBeLessThanOrEqual(limits.fileBytes);
	expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(limits.fileBytes);
	expect(journal.yields.map((line) => line.number)).toEqual([46, 47, 48, 49, 50]);
	const again = open(limits);
	expect(again.yields).toEqual(journal.yields);
	expect(again.totals).toEqual({ count: 50, frozenMs: 125_000, recomputedTokens: 150 });
});

test("a disk that takes nothing is told in the log, and costs the memory nothing", async () => {
	mkdirSync(path);
	const journal = open();
	journal.append(entry);
	await journal.close();
	expect(journal.totals.count).toBe(1);
	expect(said).toEqual(["the record of yields can't be read; it begins anew", "a yield could not be written down"]);
});

test("a first start writes nothing", async () => {
	const journal = open();
	await journal.close();
	expect(journal.totals).toEqual({ count: 0, frozenMs: 0, recomputedTokens: 0 });
	expect(existsSync(path)).toBe(false);
	journal.append(entry);
	await journal.close();
	expect(readFileSync(path, "utf8").split("\n")).toHaveLength(2);
});
