/**
 * How fast a batch file is taken in: stored on disk, then checked and indexed. `node build/bench/validate.ts [--lines N]
 * [--json FILE] [--data-dir FOLDER]`. All as in the product: the real ledger on a real disk, the real dialects. Store figures
 * depend on the disk. The targets (shared design, figures we answer for): 100,000 lines/s on one core and less than 200 MB of
 * memory on top, for a million lines.
 */
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { silentLog, systemClock } from "../../native/base/base.ts";
import { batchDialectFor } from "../../native/engine/dialects/dialect.ts";
import { openFormat } from "../../native/jobs/formats/formats.ts";
import { type ValidationSink, validateBatchFile } from "../../native/jobs/validate/validate.ts";
import type { FileRecord, Ledger } from "../../native/ledger/ledger.ts";
import { openLedger } from "../../native/ledger/open.ts";
import { sampleManifest } from "../../native/ledger/testing/manifest.ts";
import { option, printTable, writeReport } from "./report.ts";

/** Bytes generated before they are written. */
const WRITE_BYTES = 1024 * 1024;

/** How often memory is looked at. */
const SAMPLE_MS = 10;

const MEBIBYTE = 1024 * 1024;
const MODEL = { name: "demo", digest: "0".repeat(64) };
const ENDPOINT = "/v1/chat/completions";
const WORDS = "invoice login crash export printer refund dashboard password slow update".split(" ");

/** What one part of the work took. */
interface Measurement {
	readonly part: string;
	readonly seconds: number;
	readonly linesPerSecond: number;
	/** Time of a processor that this process used, all its threads together. */
	readonly cpuSeconds: number;
	/** Highest resident memory during the part, above that just before it. */
	readonly memoryGrowthMebibytes: number;
	/** Longest time in which nothing else could run. */
	readonly longestBlockMs: number;
}

const lineCount = Number(option("lines") ?? 1_000_000);
const parent = option("data-dir") ?? tmpdir();
const folder = await mkdtemp(join(parent, "nightshift-bench-"));
try {
	const path = join(folder, "input.jsonl");
	await generate(path, lineCount);
	const sizeBytes = (await stat(path)).size;
	const opened = await openLedger({ dataDir: join(folder, "data"), clock: systemClock, log: silentLog });
	if (!opened.ok) throw new Error(opened.error.message);
	const measurements = await benchFile(opened.value, path);
	await opened.value.close();
	const title = `Taking in a batch file (${lineCount.toLocaleString("en-US")} lines of ${Math.round(sizeBytes / lineCount)} bytes)`;
	printTable(
		title,
		["part", "seconds", "lines/s", "CPU seconds", "lines/CPU s", "memory growth MB", "longest block ms"],
		measurements.map((one) => [
			one.part,
			one.seconds,
			one.linesPerSecond,
			one.cpuSeconds,
			lineCount / one.cpuSeconds,
			one.memoryGrowthMebibytes,
			one.longestBlockMs,
		]),
	);
	const json = option("json");
	if (json !== null) writeReport(json, { bench: "validate", lineCount, sizeBytes, measurements });
} finally {
	await rm(folder, { recursive: true, force: true });
}

async function benchFile(ledger: Ledger, path: string): Promise<readonly Measurement[]> {
	let file: FileRecord | null = null;
	const stored = await measure("store", async () => {
		const bytes = await ledger.storeBytes(createReadStream(path), Number.MAX_SAFE_INTEGER);
		if (!bytes.ok) throw new Error(bytes.error.kind);
		file = await ledger.createFile({ filename: "input.jsonl", purpose: "batch", expiresAtMs: null }, bytes.value);
	});
	const input: FileRecord = file ?? fail("The file was not stored.");
	const { batch } = await ledger.createBatch(sampleManifest({ inputFileId: input.id, endpoint: ENDPOINT }), null);
	const indexed = await measure("validate and index", async () => {
		await validate(ledger.readFile(input), { lines: (slice) => ledger.indexLines(batch.id, slice) });
		await ledger.settleValidation(batch.id, { kind: "valid", total: lineCount, model: MODEL, notices: [] });
	});
	const alone = await measure("validate alone", () => validate(ledger.readFile(input), { lines() {} }));
	return [stored, indexed, alone];
}

async function validate(bytes: AsyncIterable<Uint8Array>, sink: ValidationSink): Promise<void> {
	const format = openFormat({ format: "openai", template: null, endpoint: ENDPOINT }, new Uint8Array());
	if (!format.ok) fail(format.error.message);
	const report = await validateBatchFile(
		bytes,
		{
			format: format.value,
			badLines: "refuse-file",
			endpoint: ENDPOINT,
			modelOverride: null,
			resolveModel: (name) => (name === MODEL.name ? name : null),
			modelNames: [MODEL.name],
			contextTokens: 4_096,
			templateOverheadTokens: 32,
			countPromptTokens: () => fail("No line of this file is long enough to be counted."),
			dialectFor: batchDialectFor,
		},
		sink,
	);
	if (report.total !== lineCount || report.faults.length > 0) fail(`Unexpected report: ${JSON.stringify(report)}`);
}

async function measure(part: string, work: () => Promise<void>): Promise<Measurement> {
	const before = process.memoryUsage.rss();
	let peak = before;
	const sampling = setInterval(() => {
		peak = Math.max(peak, process.memoryUsage.rss());
	}, SAMPLE_MS);
	const delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
	delay.enable();
	const cpuBefore = process.cpuUsage();
	const started = performance.now();
	await work();
	const seconds = (performance.now() - started) / 1_000;
	const cpu = process.cpuUsage(cpuBefore);
	delay.disable();
	clearInterval(sampling);
	peak = Math.max(peak, process.memoryUsage.rss());
	return {
		part,
		seconds,
		linesPerSecond: lineCount / seconds,
		cpuSeconds: (cpu.user + cpu.system) / 1e6,
		memoryGrowthMebibytes: (peak - before) / MEBIBYTE,
		longestBlockMs: delay.max / 1e6,
	};
}

/** Writes chat lines of about 300 bytes, one system prompt, every ticket another. */
async function generate(path: string, lines: number): Promise<void> {
	const out = createWriteStream(path);
	let text = "";
	for (let index = 0; index < lines; index += 1) {
		text += `${JSON.stringify(ticketLine(index))}\n`;
		if (text.length >= WRITE_BYTES) {
			if (!out.write(text)) await once(out, "drain");
			text = "";
		}
	}
	out.end(text);
	await once(out, "finish");
}

function ticketLine(index: number): object {
	const words = Array.from(
		{ length: 5 },
		(_, place) => WORDS[(index * 7 + place * 13 + (index >> place)) % WORDS.length],
	);
	const messages = [
		{ role: "system", content: "Classify the ticket: billing, bug, account, other." },
		{ role: "user", content: `Ticket ${index}: ${words.join(" ")}` },
	];
	const body = { model: MODEL.name, messages, max_tokens: 8, temperature: 0 };
	return { custom_id: `ticket-${index}`, method: "POST", url: ENDPOINT, body };
}

function fail(message: string): never {
	throw new Error(message);
}
