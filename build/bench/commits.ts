/**
 * How fast the ledger takes results, hands out lines and indexes them, on the disk of a folder: `node build/bench/commits.ts
 * [--json FILE] [--data-dir FOLDER] [--results N] [--lines N]`. Everything is as in the product: every acknowledged result was
 * fsynced. Figures depend on the disk; a folder in memory (tmpfs) flatters.
 */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../native/base/base.ts";
import type { IndexedLine, Ledger, LineResult } from "../../native/ledger/ledger.ts";
import { openLedger } from "../../native/ledger/open.ts";
import { sampleManifest } from "../../native/ledger/testing/manifest.ts";
import { type Cell, option, printTable, writeReport } from "./report.ts";

/** Lines a call to `indexLines` brings, as validation does. */
const LINES_PER_CALL = 10_000;

/** Lines of one claim, as a scheduler asks for them. */
const LINES_PER_CLAIM = 256;

const LEASE_MS = 3_600_000;

/** Length of a benched line with its line end, in bytes. */
const LINE_BYTES = 256;

const MODEL = { name: "bench", digest: createHash("sha256").update("bench").digest("hex") };

/** Calls of one size, so many waiting at a time. */
interface CommitCase {
	readonly resultsPerCall: number;
	readonly callsAtOnce: number;
}

const COMMIT_CASES: readonly CommitCase[] = [
	{ resultsPerCall: 1, callsAtOnce: 64 },
	{ resultsPerCall: 1, callsAtOnce: 1024 },
	{ resultsPerCall: 16, callsAtOnce: 64 },
	{ resultsPerCall: 256, callsAtOnce: 1 },
	{ resultsPerCall: 256, callsAtOnce: 16 },
];

const resultCount = Number(option("results") ?? 200_000);
const lineCount = Number(option("lines") ?? 1_000_000);
const parent = option("data-dir") ?? tmpdir();
const folder = await mkdtemp(join(parent, "nightshift-bench-"));
try {
	const commits = [];
	for (const one of COMMIT_CASES) commits.push(await withLedger((ledger) => benchCommits(ledger, one)));
	printTable(
		`Result commits (${resultCount.toLocaleString("en-US")} results, payload about 600 bytes)`,
		["results/call", "calls at once", "results/s", "median ms", "p99 ms", "longest block ms"],
		commits.map((row) => [
			row.resultsPerCall,
			row.callsAtOnce,
			row.resultsPerSecond,
			row.medianMs,
			row.p99Ms,
			row.longestBlockMs,
		]),
	);
	const lines = await withLedger(benchLines);
	printTable(
		`Line index and claims (${lineCount.toLocaleString("en-US")} lines, ${LINES_PER_CLAIM} a claim)`,
		["what", "figure", "unit"],
		Object.entries(lines).map(([name, { value, unit }]): Cell[] => [name, value, unit]),
	);
	const path = option("json");
	if (path !== null) writeReport(path, { bench: "commits", resultCount, lineCount, commits, lines });
} finally {
	await rm(folder, { recursive: true, force: true });
}

async function withLedger<Value>(work: (ledger: Ledger) => Promise<Value>): Promise<Value> {
	const dataDir = await mkdtemp(join(folder, "ledger-"));
	const log = { warn: report, error: report };
	const opened = await openLedger({ dataDir, clock: systemClock, log });
	if (!opened.ok) throw new Error(opened.error.message);
	try {
		return await work(opened.value);
	} finally {
		await opened.value.close();
		await rm(dataDir, { recursive: true, force: true });
	}
}

function report(facts: object, message: string): void {
	process.stderr.write(`${message} ${JSON.stringify(facts)}\n`);
}

/** A validated batch of `total` lines; answers its id and how long indexing took. */
async function makeBatch(ledger: Ledger, total: number): Promise<{ id: string; indexMs: number; settleMs: number }> {
	const stored = await ledger.storeBytes(inputLines(total), total * LINE_BYTES);
	if (!stored.ok) throw new Error(stored.error.kind);
	const file = await ledger.createFile({ filename: "bench.jsonl", purpose: "batch", expiresAtMs: null }, stored.value);
	const { batch } = await ledger.createBatch(sampleManifest({ inputFileId: file.id }), null);
	let indexMs = 0;
	for (let first = 0; first < total; first += LINES_PER_CALL) {
		const lines = Array.from({ length: Math.min(LINES_PER_CALL, total - first) }, (_, index) =>
			indexedLine(first + index),
		);
		const startedMs = performance.now();
		ledger.indexLines(batch.id, lines);
		indexMs += performance.now() - startedMs;
	}
	const startedMs = performance.now();
	await ledger.settleValidation(batch.id, { kind: "valid", total, model: MODEL, notices: [] });
	return { id: batch.id, indexMs, settleMs: performance.now() - startedMs };
}

async function* inputLines(total: number): AsyncGenerator<Uint8Array> {
	const line = `${"x".repeat(LINE_BYTES - 1)}\n`;
	for (let first = 0; first < total; first += 1_000) yield Buffer.from(line.repeat(Math.min(1_000, total - first)));
}

function indexedLine(line: number): IndexedLine {
	const key = createHash("md5").update(String(line)).digest();
	// A thousand interleaved families: the hardest order to sort.
	return {
		line,
		customId: `request-${line}`,
		offset: line * LINE_BYTES,
		length: LINE_BYTES - 1,
		key,
		family: line % 1000,
	};
}

function resultOf(line: number): LineResult {
	const content = `Answer ${line}: ${"lorem ipsum ".repeat(30)}`;
	const payload = JSON.stringify({
		response: {
			status_code: 200,
			request_id: `req_${line}`,
			body: { object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content } }] },
		},
		error: null,
	});
	const provenance = {
		modelDigest: MODEL.digest,
		engineVersion: "bench",
		machine: "bench",
		seed: null,
		promptTokens: 100,
		cachedTokens: 60,
		completionTokens: 90,
		reasoningTokens: 0,
		producedAtMs: 1_700_000_000_000 + line,
		durationMs: 900,
		attempts: 1,
	};
	return { line, isError: false, payload, provenance };
}

async function benchCommits(ledger: Ledger, { resultsPerCall, callsAtOnce }: CommitCase) {
	const { id } = await makeBatch(ledger, resultCount);
	const waitsMs: number[] = [];
	let next = 0;
	const caller = async (): Promise<void> => {
		while (next < resultCount) {
			const first = next;
			next = Math.min(next + resultsPerCall, resultCount);
			const results = Array.from({ length: next - first }, (_, index) => resultOf(first + index));
			const startedMs = performance.now();
			await ledger.commit(id, results);
			waitsMs.push(performance.now() - startedMs);
		}
	};
	const block = watchBlocks();
	const startedMs = performance.now();
	await Promise.all(Array.from({ length: callsAtOnce }, caller));
	const tookMs = performance.now() - startedMs;
	const longestBlockMs = block.stop();
	if (ledger.batch(id)?.completed !== resultCount) throw new Error("Not all results were counted.");
	return {
		resultsPerCall,
		callsAtOnce,
		resultsPerSecond: Math.round((resultCount / tookMs) * 1000),
		medianMs: quantile(waitsMs, 0.5),
		p99Ms: quantile(waitsMs, 0.99),
		longestBlockMs,
	};
}

async function benchLines(ledger: Ledger) {
	const { id, indexMs, settleMs } = await makeBatch(ledger, lineCount);
	const residentBefore = process.memoryUsage().rss;
	const waitsMs: number[] = [];
	for (;;) {
		const startedMs = performance.now();
		const lease = ledger.claim(id, LINES_PER_CLAIM, LEASE_MS);
		if (lease === null) break;
		waitsMs.push(performance.now() - startedMs);
	}
	const startedMs = performance.now();
	ledger.lineByCustomId(id, `request-${lineCount - 1}`);
	const lookupMs = performance.now() - startedMs;
	return {
		"index lines": { value: Math.round((lineCount / indexMs) * 1000), unit: "lines/s" },
		"settle validation": { value: settleMs, unit: "ms" },
		"claim, median": { value: quantile(waitsMs, 0.5), unit: "ms" },
		"claim, p99": { value: quantile(waitsMs, 0.99), unit: "ms" },
		"claim, longest": { value: quantile(waitsMs, 1), unit: "ms" },
		"memory of all leases": { value: (process.memoryUsage().rss - residentBefore) / 1e6, unit: "MB" },
		"last line by custom_id": { value: lookupMs, unit: "ms" },
	};
}

/** Finds the longest time the thread answered nothing else. */
function watchBlocks(): { stop(): number } {
	let lastMs = performance.now();
	let longestMs = 0;
	const beat = setInterval(() => {
		const now = performance.now();
		longestMs = Math.max(longestMs, now - lastMs);
		lastMs = now;
	}, 1);
	return {
		stop() {
			clearInterval(beat);
			return longestMs;
		},
	};
}

function quantile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((left, right) => left - right);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
