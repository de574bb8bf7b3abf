/** One batch on so many machines: pairs them, hands it in at the first, watches it to its end everywhere, and counts. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Machine, startMachine } from "./mesh-machine.ts";
import { figuresSchema, type NodeFigures, viewSchema } from "./mesh-node-words.ts";
import { say } from "./report.ts";

/** What is run. */
export interface RunWish {
	readonly nodes: number;
	readonly lines: number;
	readonly lanes: number;
	/** Of each machine. */
	readonly linesPerSecond: number;
	readonly answerCharacters: number;
	readonly logLevel: string;
	/** Leaves the machines' folders where they are. */
	readonly keep: boolean;
}

/** What came of it. Seconds, bytes; a second of traffic is one from the validation of the batch to its end everywhere. */
export interface RunFigures {
	readonly nodes: number;
	readonly lines: number;
	readonly linesPerSecond: number;
	/** Lines through nodes times speed. */
	readonly idealSeconds: number;
	/** From its validation, where it was handed in, until it is completed on all machines. */
	readonly seconds: number;
	/** From the first line in a lane to the last result. */
	readonly workSeconds: number;
	/** From being handed in until the first line is in a lane. */
	readonly beginSeconds: number;
	/** From the first machine that has no line for good until the batch is completed on all. */
	readonly tailSeconds: number;
	/** From the last result until the batch is completed on all. */
	readonly endSeconds: number;
	/** Lines run more than once. */
	readonly duplicates: number;
	/** Sent and received by one machine in one second, the mean of all and the host's. */
	readonly control: { readonly framesPerSecond: number; readonly bytesPerSecond: number };
	readonly hostControl: { readonly framesPerSecond: number; readonly bytesPerSecond: number };
	/** Blobs received by one machine in one second, the mean. */
	readonly blobBytesPerSecond: number;
	readonly operations: number;
	/** Of one core: the host's part, that of all machines together, and that of everybody else on this computer. */
	readonly hostCores: number;
	readonly allCores: number;
	readonly otherCores: number;
	readonly load: number;
	/** How late a timer of a service's thread came at worst. */
	readonly latestMs: number;
	readonly isSameOutput: boolean;
}

/** How often the machines are looked at: seldom, for asking costs them time. */
const LOOK_MS = 1_000;
/** Machines that don't find each other in so long never will. */
const PAIR_MS = 180_000;
/** A batch may take so many times as long as ideal, and this beside. */
const PATIENCE_FACTOR = 4;
const PATIENCE_MS = 120_000;

/** Runs it once, on machines made for it. */
export async function runMesh(wish: RunWish): Promise<RunFigures> {
	const folder = await mkdtemp(join(tmpdir(), "nightshift-mesh-scale-"));
	const machines: Machine[] = [];
	try {
		for (let at = 0; at < wish.nodes; at += 1) {
			const lineMs = (wish.lanes / wish.linesPerSecond) * 1_000;
			const name = `node-${at}`;
			machines.push(await startMachine({ ...wish, name, dataDir: join(folder, name), lineMs }));
		}
		await pair(machines);
		return await runBatch(wish, machines);
	} finally {
		const stopped = await Promise.allSettled(machines.map((machine) => machine.stop()));
		for (const one of stopped) if (one.status === "rejected") say(String(one.reason));
		if (wish.keep) say(`Kept: ${folder}`);
		else await rm(folder, { recursive: true, force: true });
	}
}

async function viewOf(machine: Machine) {
	return viewSchema.parse(await machine.ask({ ask: "view" }));
}

/** Each joins at the one before, since a door lets strangers in slowly. */
async function pair(machines: readonly Machine[]): Promise<void> {
	const untilMs = Date.now() + PAIR_MS;
	const [first, ...others] = machines;
	if (first === undefined) return;
	let before = first;
	for (const machine of others) {
		const code = z.string().parse(await before.ask({ ask: "show-code" }));
		const { port } = await viewOf(before);
		await machine.ask({ ask: "join", address: `127.0.0.1:${port}`, code });
		before = machine;
	}
	for (;;) {
		const views = await Promise.all(machines.map(viewOf));
		const hosts = new Set(views.map(({ host }) => host));
		if (views.every(({ online, host }) => online === machines.length && host !== null) && hosts.size === 1) return;
		if (Date.now() > untilMs) throw new Error(`They did not find each other: ${JSON.stringify(views)}`);
		await pause(LOOK_MS);
	}
}

/** The figures of all machines at one moment, and how busy the computer was until then. */
interface Reading {
	readonly all: readonly NodeFigures[];
	readonly busyMs: number;
	readonly atMs: number;
}

async function read(machines: readonly Machine[], batchId: string): Promise<Reading> {
	const all = await Promise.all(
		machines.map(async (machine) => figuresSchema.parse(await machine.ask({ ask: "figures", batchId }))),
	);
	return { all, busyMs: busyMsOfComputer(), atMs: Date.now() };
}

async function runBatch(wish: RunWish, machines: readonly Machine[]): Promise<RunFigures> {
	const [first] = machines;
	if (first === undefined) throw new Error("There are no machines.");
	const submittedMs = Date.now();
	const batchId = z.string().parse(await first.ask({ ask: "submit", lines: wish.lines }));
	const idealMs = (wish.lines / (wish.nodes * wish.linesPerSecond)) * 1_000;
	const untilMs = Date.now() + idealMs * PATIENCE_FACTOR + PATIENCE_MS;
	let before: Reading | null = null;
	for (let told = 0; ; ) {
		await pause(LOOK_MS);
		const now = await read(machines, batchId);
		if (before === null && now.all[0]?.validatedMs !== null) before = now;
		if (before !== null && now.all.every(({ completedMs }) => completedMs !== null)) {
			const views = await Promise.all(machines.map(viewOf));
			const host = views.findIndex(({ self, host }) => self === host);
			return figuresOf(wish, submittedMs, before, now, Math.max(host, 0));
		}
		const done = Math.min(...now.all.map((one) => one.done));
		if (done >= told + wish.lines / 10) {
			told = done;
			say(`${wish.nodes} nodes: ${done} of ${wish.lines} lines everywhere, load ${(loadavg()[0] ?? 0).toFixed(1)}`);
		}
		if (Date.now() > untilMs) throw new Error(`It does not come to an end: ${JSON.stringify(now.all)}`);
	}
}

function figuresOf(wish: RunWish, submittedMs: number, before: Reading, after: Reading, host: number): RunFigures {
	const { nodes, lines, linesPerSecond } = wish;
	const idealSeconds = lines / (nodes * linesPerSecond);
	const most = (of: (one: NodeFigures) => number | null) => Math.max(...after.all.map((one) => of(one) ?? 0));
	const least = (of: (one: NodeFigures) => number | null) =>
		Math.min(...after.all.map((one) => of(one) ?? Number.POSITIVE_INFINITY));
	const completedMs = most((one) => one.completedMs);
	const validatedMs = after.all[0]?.validatedMs ?? submittedMs;
	const [beganMs, lastMs] = [least((one) => one.firstBeganMs), most((one) => one.lastEndedMs)];
	const spanSeconds = (after.atMs - before.atMs) / 1_000;
	const rates = after.all.map((one, at) => trafficBetween(before.all[at], one, spanSeconds));
	const cores = after.all.map((one, at) => (one.cpuMs - (before.all[at]?.cpuMs ?? 0)) / 1_000 / spanSeconds);
	const allCores = sum(cores);
	const outputs = new Set(after.all.map(({ output }) => output));
	const mean = (values: readonly number[]) => sum(values) / values.length;
	return {
		...{ nodes, lines, linesPerSecond, idealSeconds },
		seconds: (completedMs - validatedMs) / 1_000,
		workSeconds: (lastMs - beganMs) / 1_000,
		beginSeconds: (beganMs - submittedMs) / 1_000,
		tailSeconds: (completedMs - least((one) => one.lastEndedMs)) / 1_000,
		endSeconds: (completedMs - lastMs) / 1_000,
		duplicates: sum(after.all.map((one) => one.lines)) - lines,
		control: {
			framesPerSecond: mean(rates.map(({ frames }) => frames)),
			bytesPerSecond: mean(rates.map(({ bytes }) => bytes)),
		},
		hostControl: { framesPerSecond: rates[host]?.frames ?? 0, bytesPerSecond: rates[host]?.bytes ?? 0 },
		blobBytesPerSecond: mean(rates.map(({ blobBytes }) => blobBytes)),
		operations: most((one) => one.operations),
		hostCores: cores[host] ?? 0,
		allCores,
		otherCores: Math.max(0, (after.busyMs - before.busyMs) / 1_000 / spanSeconds - allCores),
		load: loadavg()[0] ?? 0,
		latestMs: most((one) => one.latestMs),
		isSameOutput: outputs.size === 1 && !outputs.has(null),
	};
}

function trafficBetween(before: NodeFigures | undefined, after: NodeFigures, seconds: number) {
	const [old, now] = [before?.traffic, after.traffic];
	if (!old || !now) return { frames: 0, bytes: 0, blobBytes: 0 };
	return {
		frames: (now.sent.frames + now.received.frames - old.sent.frames - old.received.frames) / seconds,
		bytes: (now.sent.bytes + now.received.bytes - old.sent.bytes - old.received.bytes) / seconds,
		blobBytes: (now.blobs.receivedBytes - old.blobs.receivedBytes) / seconds,
	};
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

/** Processor time of everybody on this computer since it started; only where the system tells (Linux), else 0. */
function busyMsOfComputer(): number {
	if (process.platform !== "linux") return 0;
	const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] =
		readFileSync("/proc/stat", "utf8").split("\n", 1)[0]?.split(/\s+/).map(Number) ?? [];
	return (user + nice + system + irq + softIrq) * MS_PER_TICK;
}

/** Of the kernel's accounts on every processor that Node runs on. */
const MS_PER_TICK = 10;
