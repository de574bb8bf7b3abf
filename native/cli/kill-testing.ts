/** A batch run to its end under random SIGKILLs, and what must hold of it; the tests choose how long and how hard. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
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

/** How hard it storms. */
export interface Storm {
	readonly lines: number;
	readonly kills: number;
}

/**
 * Runs the first lines of the bundled tickets once in peace and once while service and inference process are killed, each kill
 * after some more lines have started, so that the kills spread over the whole batch. Then: nothing lost, nothing doubled, no
 * line run again after its result was recorded, the ledger whole after every kill, and the same bytes as in peace.
 */
export async function expectToSurvive({ lines, kills }: Storm): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-kill-"));
	try {
		const input = join(folder, "tickets.jsonl");
		writeFileSync(input, readFileSync(ticketsPath, "utf8").split("\n").slice(0, lines).join("\n"));
		const calm = await startCommand(join(folder, "calm"), ["run", input, "-o", "calm.jsonl"], folder).ended;
		expect(calm, calm.output).toMatchObject({ exitCode: 0 });

		const dataDir = join(folder, "stormy");
		const start = () => startCommand(dataDir, ["run", input, "-o", "stormy.jsonl"], folder);
		const { recordings, killed } = await storm(start, dataDir, { lines, kills });
		expect(killed.service + killed.inference).toBe(kills);
		const stormy = readFileSync(join(folder, "stormy.jsonl"), "utf8");
		expect(new Set(customIds(stormy)).size).toBe(lines);
		expect(stormy).toBe(readFileSync(join(folder, "calm.jsonl"), "utf8"));
		const starts = lineStarts(dataDir);
		for (const { recorded, startsBefore } of recordings) {
			const rerun = starts.slice(startsBefore).filter(({ line }) => recorded.has(line));
			expect(rerun, "lines run again after their result was recorded").toEqual([]);
		}
	} finally {
		killLeftovers();
		rmSync(folder, { recursive: true, force: true });
	}
}

async function storm(start: () => StartedCommand, dataDir: string, { lines, kills }: Storm) {
	const seed = Number(process.env.NIGHTSHIFT_SEED ?? Math.floor(Math.random() * 2 ** 31));
	const random = seededRandom(seed);
	const mostStartsBetween = 2 * Math.floor(lines / kills);
	const killed = { service: 0, inference: 0 };
	const recordings: Recording[] = [];
	let command = start();
	while (killed.service + killed.inference < kills) {
		const isOver = !(await untilMoreStarts(command, dataDir, Math.floor(random() * (mostStartsBetween + 1))));
		if (isOver) break;
		const [inference] = childrenOf(command.process.pid ?? 0);
		if (random() < 0.5 && inference) {
			process.kill(inference, "SIGKILL");
			killed.inference++;
			continue;
		}
		command.process.kill("SIGKILL");
		await command.ended;
		killed.service++;
		recordings.push(await readRecording(dataDir));
		command = start();
	}
	const ended = await command.ended;
	console.log(`seed ${seed}: ${JSON.stringify(killed)}, ${lineStarts(dataDir).length} starts for ${lines} lines`);
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	return { recordings, killed };
}

/** The lines whose result was on disk at some moment, and how many starts there had been. */
interface Recording {
	readonly recorded: ReadonlySet<number>;
	readonly startsBefore: number;
}

/** False if the command came to its end first. */
function untilMoreStarts(command: StartedCommand, dataDir: string, more: number): Promise<boolean> {
	const wanted = lineStarts(dataDir).length + more;
	return until(
		() => lineStarts(dataDir).length >= wanted,
		() => command.process.exitCode !== null,
	);
}

/** Looks into the ledger while no process runs, and checks that it is whole. */
async function readRecording(dataDir: string): Promise<Recording> {
	const opened = await openLedger({ dataDir, clock: systemClock, log: silentLog });
	if (!opened.ok) throw new Error(opened.error.message);
	const ledger = opened.value;
	const recorded = new Set<number>();
	for (const batch of ledger.openBatches()) {
		for await (const line of ledger.finishedLines(batch.id)) if (line.result) recorded.add(line.line);
	}
	for await (const problem of ledger.verify()) throw new Error(`After a kill: ${problem.message}`);
	await ledger.close();
	return { recorded, startsBefore: lineStarts(dataDir).length };
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
