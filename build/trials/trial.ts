/** One trial: machines paired, a batch made, things broken while it runs, all mended, and everything written down. Judges nothing. */
import { setTimeout as pause } from "node:timers/promises";
import { createRandom } from "../bench/tickets.ts";
import { readMachine } from "./afterwards.ts";
import { type Client, createClient } from "./client.ts";
import type { Recorder } from "./history.ts";
import { makeLines, type TrialLines } from "./lines.ts";
import { createMachines, type Machine, type MachineWatcher } from "./machines.ts";
import { createNemesis, type Nemesis, pick } from "./nemesis.ts";
import { isWhole, pairAll } from "./pairing.ts";
import type { TrialPlan } from "./plan.ts";

/** How a trial is run. */
export interface TrialOptions {
	readonly plan: TrialPlan;
	/** The large batch. */
	readonly lines: TrialLines;
	/** Lines of each small one. */
	readonly smallLines: number;
	/** For what the machines keep; must not be there yet. */
	readonly folder: string;
	readonly recorder: Recorder;
}

/** Machines are asked at random so often. */
const POLL_MS = 250;

/** Where work stands still because of what is broken, the next fault comes after so long all the same. */
const PATIENCE_MS = 20_000;

/** From the last fault until all is done everywhere: lines, a minute of leases of who is gone, files; on two busy cores. */
const SETTLE_MS = 300_000;

/** Runs it. What goes wrong in between is in the history; throws only where the machines did not come to be a mesh. */
export async function runTrial({ plan, lines, smallLines, folder, recorder }: TrialOptions): Promise<void> {
	const names = Array.from({ length: plan.machineCount }, (_, at) => `m${at + 1}`);
	recorder.record({ kind: "run", seed: plan.seed, machines: names, lines: lines.customIds.length });
	await using machines = await createMachines(names, folder, watching(recorder));
	const { all } = machines;
	await Promise.all(all.map((machine) => machine.start()));
	await pairAll(all);
	const client = createClient(recorder);
	const nemesis = createNemesis(machines, recorder);
	const watch = startWatching(client, all, createRandom(plan.seed));
	try {
		await client.create(pick(all, createRandom(-plan.seed)()) ?? fail(), lines);
		recorder.record({ kind: "phase", phase: "faults" });
		await storm({ plan, nemesis, client, smallLines, done: () => watch.completed / lines.customIds.length });
		await nemesis.settle();
		for (const machine of all) if (!machine.isUp) await machine.start();
		recorder.record({ kind: "phase", phase: "healed" });
		await settle(client, all);
	} finally {
		await watch.stop();
	}
	recorder.record({ kind: "phase", phase: "final" });
	await lookAtAll(client, all);
	await Promise.all(all.map((machine) => machine.kill()));
	for (const machine of all) await readMachine(machine, recorder);
}

function watching(recorder: Recorder): MachineWatcher {
	return {
		started: (machine) => recorder.record({ kind: "started", machine }),
		serving: (machine) => recorder.record({ kind: "serving", machine }),
		ended: (machine, isOurs, how) => recorder.record({ kind: "ended", machine, isOurs, how }),
	};
}

/** Begins each fault and makes each small batch once so much of the large one is done, or nothing moved for a while. */
async function storm(deps: {
	readonly plan: TrialPlan;
	readonly nemesis: Nemesis;
	readonly client: Client;
	readonly smallLines: number;
	done(): number;
}): Promise<void> {
	const { plan, nemesis, client, smallLines, done } = deps;
	const making: Promise<unknown>[] = [];
	const steps = [
		...plan.faults.map((fault) => ({ atPart: fault.atPart, take: () => nemesis.begin(fault) })),
		...plan.batches.map(({ atPart, machine }, at) => ({
			atPart,
			async take() {
				const on = pick(nemesis.sound(), machine);
				if (on !== undefined) making.push(client.create(on, makeLines(at + 2, smallLines)));
			},
		})),
	].toSorted((left, right) => left.atPart - right.atPart);
	for (const { atPart, take } of steps) {
		const deadlineMs = performance.now() + PATIENCE_MS;
		while (done() < atPart && performance.now() < deadlineMs) await pause(POLL_MS);
		await take();
	}
	await Promise.all(making);
}

/** Asks a machine at random about a batch at random, again and again; fetches what it names. */
function startWatching(client: Client, all: readonly Machine[], random: () => number) {
	let isOver = false;
	let completed = 0;
	const [first] = [0];

	async function look(machine: Machine): Promise<void> {
		await client.look(machine);
		const batchId = pick(client.batchIds, random());
		const large = client.batchIds[first];
		for (const id of new Set([large, batchId])) {
			if (id === undefined) continue;
			const batch = await client.poll(machine, id);
			if (batch === null) continue;
			if (id === large) completed = Math.max(completed, batch.completed);
			if (batch.outputFileId !== null && random() < 0.2) await client.fetch(machine, id, batch.outputFileId);
		}
	}

	async function watch(): Promise<void> {
		while (!isOver) {
			const machine = pick(all, random());
			// One that stands still must not keep the others from being looked at.
			if (machine?.isUp === true) await Promise.race([look(machine), pause(4 * POLL_MS)]);
			await pause(POLL_MS);
		}
	}

	const watched = watch();
	return {
		/** Lines of the large batch, as far as anybody has said. */
		get completed() {
			return completed;
		},
		async stop() {
			isOver = true;
			await watched;
		},
	};
}

/** Waits until every machine shows every batch as completed, and all are one mesh again. What is not so by then the history shows. */
async function settle(client: Client, all: readonly Machine[]): Promise<void> {
	const deadlineMs = performance.now() + SETTLE_MS;
	const isSettled = async (): Promise<boolean> => {
		for (const machine of all) {
			for (const batchId of client.batchIds) {
				if ((await client.poll(machine, batchId))?.status !== "completed") return false;
			}
		}
		return isWhole(all);
	};
	while (performance.now() < deadlineMs && !(await isSettled())) await pause(2 * POLL_MS);
}

async function lookAtAll(client: Client, all: readonly Machine[]): Promise<void> {
	for (const machine of all) {
		await client.look(machine);
		for (const batchId of client.batchIds) await client.poll(machine, batchId);
	}
	for (const machine of all) {
		for (const [fileId, batchId] of client.fileIds) await client.fetch(machine, batchId, fileId);
	}
}

function fail(): never {
	throw new Error("A trial has machines.");
}
