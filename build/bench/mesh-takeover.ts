/**
 * How soon another machine is host when the host is killed, and whether work goes on meanwhile: `node build/bench/mesh-takeover.ts
 * [--kills N] [--machines N] [--lines N] [--json FILE]`. Real services with the demo model in network namespaces on this computer,
 * which need Linux and root.
 * What is timed is made of timeouts (`native/mesh/core/constants.ts`) and hardly of work, but a busy computer adds to it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { MeshView } from "../../native/contract/contract.ts";
import { whyNoNetworks } from "../../native/mesh/testing/netns.ts";
import { type Client, createClient } from "../trials/client.ts";
import { createRecorder } from "../trials/history.ts";
import { makeLines } from "../trials/lines.ts";
import { createMachines, type Machine, until } from "../trials/machines.ts";
import { isWhole, pairAll } from "../trials/pairing.ts";
import { option, printTable, say, warnIfBusy, writeReport } from "./report.ts";

/** Work is watched for so long before each kill, for comparison. */
const BEFORE_MS = 5_000;

/** Another batch is made when less than this part of one is left: the work must not end while lines are counted. */
const LEAST_LEFT = 0.3;

/** Nobody takes over: something is broken. */
const TAKEOVER_MS = 120_000;

/** A service starts, links are made and logs are exchanged, on a busy processor. */
const WHOLE_MS = 180_000;

interface Takeover {
	readonly seconds: number;
	/** By all that are left, beside the host; lines a second. */
	readonly rateBefore: number;
	/** From the kill until there was a host. */
	readonly rateMeanwhile: number;
	/** Until all others named it too. */
	readonly agreedSeconds: number;
}

const kills = Number(option("kills") ?? 20);
const machineCount = Number(option("machines") ?? 3);
const lineCount = Number(option("lines") ?? 20_000);
const impossible = whyNoNetworks();
if (impossible === null) await main();
else {
	say(`It can't be measured here: ${impossible}`);
	process.exitCode = 1;
}

async function main(): Promise<void> {
	warnIfBusy();
	const folder = mkdtempSync(join(tmpdir(), "nightshift-takeover-"));
	try {
		const takeovers = await measure(folder);
		print(takeovers);
		const path = option("json");
		if (path !== null) writeReport(path, { bench: "mesh-takeover", machineCount, takeovers });
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function measure(folder: string): Promise<readonly Takeover[]> {
	using recorder = createRecorder(join(folder, "history.jsonl"));
	const names = Array.from({ length: machineCount }, (_, at) => `m${at + 1}`);
	await using machines = await createMachines(names, folder, {
		started() {},
		serving() {},
		ended(machine, isOurs, how) {
			if (!isOurs) say(`${machine} ended by itself: ${how}`);
		},
	});
	const { all } = machines;
	await Promise.all(all.map((machine) => machine.start()));
	await pairAll(all);
	const client = createClient(recorder);
	const takeovers: Takeover[] = [];
	await addWork(client, all);
	while (takeovers.length < kills) {
		await until(
			"all machines are one mesh and work",
			WHOLE_MS,
			async () => (await isWhole(all)) && (await areBusy(all)),
		);
		const left = client.batchIds.length * lineCount - (await doneOf(client, all));
		if (left < LEAST_LEFT * lineCount) await addWork(client, all);
		const takeover = await killHost(client, all);
		takeovers.push(takeover);
		say(`${takeovers.length} of ${kills}: ${JSON.stringify(takeover)}`);
	}
	return takeovers;
}

async function killHost(client: Client, all: readonly Machine[]): Promise<Takeover> {
	const host = (await find(all, isHost)) ?? fail("Nobody is host.");
	const others = all.filter((machine) => machine !== host);
	const doneBefore = await doneOf(client, others);
	await pause(BEFORE_MS);
	const doneThen = await doneOf(client, others);
	const killedMs = performance.now();
	await host.kill();
	await until("another machine is host", TAKEOVER_MS, async () => (await find(others, isHost)) !== null);
	const tookMs = performance.now();
	const doneAfter = await doneOf(client, others);
	const countedMs = performance.now();
	await until("all others know the new host", TAKEOVER_MS, () => isAgreed(others));
	const agreedMs = performance.now();
	await host.start();
	return {
		seconds: (tookMs - killedMs) / 1_000,
		rateBefore: ((doneThen - doneBefore) / BEFORE_MS) * 1_000,
		rateMeanwhile: ((doneAfter - doneThen) / (countedMs - killedMs)) * 1_000,
		agreedSeconds: (agreedMs - killedMs) / 1_000,
	};
}

function isHost({ host, self }: MeshView): boolean {
	return host !== null && host.id === self;
}

async function isAgreed(machines: readonly Machine[]): Promise<boolean> {
	const views = await Promise.all(machines.map((machine) => machine.mesh()));
	const self = views.find((view) => view !== null && isHost(view))?.self;
	return self !== undefined && views.every((view) => view?.host?.id === self);
}

/** Lanes run on every machine: what a start costs is over. */
async function areBusy(machines: readonly Machine[]): Promise<boolean> {
	const views = await Promise.all(machines.map((machine) => machine.mesh()));
	return views.every((view) => view?.machines.find(({ is_self }) => is_self)?.about?.activity === "working");
}

async function find(machines: readonly Machine[], matches: (view: MeshView) => boolean): Promise<Machine | null> {
	const views = await Promise.all(machines.map((machine) => machine.mesh()));
	return machines.find((_, at) => views[at] !== null && views[at] !== undefined && matches(views[at])) ?? null;
}

async function addWork(client: Client, all: readonly Machine[]): Promise<void> {
	const on = (await find(all, isHost)) ?? fail("Nobody is host.");
	const batchId = await client.create(on, makeLines(client.batchIds.length + 1, lineCount));
	if (batchId === null) fail("The batch was refused.");
}

/** Lines done of all batches, as far as the best informed of these machines knows. */
async function doneOf(client: Client, machines: readonly Machine[]): Promise<number> {
	const sums = machines.map(async (machine) => {
		const seen = await Promise.all(client.batchIds.map((batchId) => client.poll(machine, batchId)));
		return seen.reduce((sum, batch) => sum + (batch?.completed ?? 0), 0);
	});
	return Math.max(...(await Promise.all(sums)));
}

function print(takeovers: readonly Takeover[]): void {
	const row = (name: string, of: (takeover: Takeover) => number) => {
		const sorted = takeovers.map(of).toSorted((left, right) => left - right);
		const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
		return [name, sorted[0] ?? Number.NaN, at(0.5), at(0.9), sorted.at(-1) ?? Number.NaN] as const;
	};
	printTable(
		`${takeovers.length} hosts of ${machineCount} machines killed`,
		["what", "min", "median", "p90", "max"],
		[
			row("seconds until another says it is host", ({ seconds }) => seconds),
			row("seconds until all name it", ({ agreedSeconds }) => agreedSeconds),
			row("lines/s of all before", ({ rateBefore }) => rateBefore),
			row("lines/s of those left meanwhile", ({ rateMeanwhile }) => rateMeanwhile),
		],
	);
}

function fail(message: string): never {
	throw new Error(message);
}
