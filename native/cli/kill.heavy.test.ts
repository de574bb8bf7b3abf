import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { openLedger } from "../ledger/open.ts";
import {
	childrenOf,
	killLeftovers,
	lineStarts,
	type StartedCommand,
	startCommand,
	ticketsPath,
	until,
} from "./testing.ts";

const LINES = 500;
const KILLS = 50;
/** Kills fall after 0 to this many more lines have started, so that 50 of them spread over the whole batch. */
const MOST_STARTS_BETWEEN = 2 * Math.floor(LINES / KILLS);

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-kill-"));
});
afterEach(() => {
	killLeftovers();
	rmSync(folder, { recursive: true, force: true });
});

test("50 kills at random moments lose nothing, double nothing and rerun no recorded line", async () => {
	const input = join(folder, "tickets.jsonl");
	writeFileSync(input, readFileSync(ticketsPath, "utf8").split("\n").slice(0, LINES).join("\n"));
	const undisturbed = await startCommand(join(folder, "calm"), ["run", input, "-o", "calm.jsonl"], folder).ended;
	expect(undisturbed).toMatchObject({ exitCode: 0 });

	const dataDir = join(folder, "stormy");
	const seed = Number(process.env.NIGHTSHIFT_SEED ?? Math.floor(Math.random() * 2 ** 31));
	const random = seededRandom(seed);
	const start = () => startCommand(dataDir, ["run", input, "-o", "stormy.jsonl"], folder);
	const kills = { service: 0, inference: 0 };
	let recordedAt: RecordedLines[] = [];
	let command = start();

	while (kills.service + kills.inference < KILLS) {
		const isLate = await untilMoreStarts(command, dataDir, Math.floor(random() * (MOST_STARTS_BETWEEN + 1)));
		if (isLate) break;
		const [inference] = childrenOf(command.process.pid ?? 0);
		if (random() < 0.5 && inference) {
			process.kill(inference, "SIGKILL");
			kills.inference++;
			continue;
		}
		command.process.kill("SIGKILL");
		await command.ended;
		kills.service++;
		recordedAt = [...recordedAt, await readRecorded(dataDir)];
		command = start();
	}
	const ended = await command.ended;

	console.log(`seed ${seed}: ${JSON.stringify(kills)}, ${lineStarts(dataDir).length} starts for ${LINES} lines`);
	expect(ended).toMatchObject({ exitCode: 0 });
	expect(kills.service + kills.inference).toBe(KILLS);
	const stormy = readFileSync(join(folder, "stormy.jsonl"), "utf8");
	expect(new Set(customIds(stormy)).size).toBe(LINES);
	expect(stormy).toBe(readFileSync(join(folder, "calm.jsonl"), "utf8"));
	const starts = lineStarts(dataDir);
	for (const { lines, startsBefore } of recordedAt) {
		const rerun = starts.slice(startsBefore).filter((later) => lines.has(later.line));
		expect(rerun, "lines run again after their result was recorded").toEqual([]);
	}
}, 1_800_000);

interface RecordedLines {
	readonly lines: ReadonlySet<number>;
	readonly startsBefore: number;
}

/** False once enough lines have started; true if the command came to its end first. */
async function untilMoreStarts(command: StartedCommand, dataDir: string, more: number): Promise<boolean> {
	const wanted = lineStarts(dataDir).length + more;
	return !(await until(
		() => lineStarts(dataDir).length >= wanted,
		() => command.process.exitCode !== null,
	));
}

/** The lines whose result is on disk while no process runs. */
async function readRecorded(dataDir: string): Promise<RecordedLines> {
	const opened = await openLedger({ dataDir, clock: systemClock, log: silentLog });
	if (!opened.ok) throw new Error(opened.error.message);
	const ledger = opened.value;
	const lines = new Set<number>();
	for (const batch of ledger.openBatches()) {
		for await (const line of ledger.finishedLines(batch.id)) if (line.result) lines.add(line.line);
	}
	for await (const problem of ledger.verify()) throw new Error(`After a kill: ${problem.message}`);
	await ledger.close();
	return { lines, startsBefore: lineStarts(dataDir).length };
}

function customIds(jsonl: string): readonly string[] {
	return jsonl
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line).custom_id);
}

/** Mulberry32: a failing seed printed by the test can be run again with NIGHTSHIFT_SEED. */
function seededRandom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
