/**
 * `npm run bench:poll`: what looking at this computer costs. All sources of this platform and the stand-in for NVIDIA's library, one
 * GPU with eight processes, in a process of its own at the pace that is kept while batch work runs; beside it a process that does
 * nothing. Options: --seconds N, --json FILE. Fails above the promise of 0.2 % of one core. Needs `cc`.
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { silentLog, systemClock } from "../../native/base/base.ts";
import { createMachine } from "../../native/machine/create-machine.ts";
import { buildStandIn } from "../../native/machine/nvml/stand-in-testing.ts";
import { platformSources } from "../../native/machine/platform-sources.ts";
import { option, printTable, say, warnIfBusy, writeReport } from "./report.ts";

const PROMISED_PERCENT = 0.2;
const GPU_PROCESSES = 8;
/** Loading libraries, opening buses and first names are paid once, not at each look. */
const WARM_UP_MS = 10_000;

/** What a process told of itself. */
interface Cost {
	/** Processor time of all its threads, in percent of one core. */
	readonly percent: number;
	readonly looks: number;
	/** Processor time a look. */
	readonly millisecondsPerLook: number | null;
	/** Sources that answered at the last look. */
	readonly answering: readonly string[];
	readonly gpus: readonly string[];
}

/** Runs in a process of its own: what else it would do is nothing. */
async function measure(isLooking: boolean, seconds: number): Promise<Cost> {
	const sources = platformSources({ platform: process.platform, environment: process.env, log: silentLog });
	const deps = { clock: systemClock, log: silentLog, inferenceProcessIds: () => [], programs: () => [] };
	const machine = isLooking ? createMachine({ ...deps, sources }) : null;
	machine?.setPace("closely");
	await wait(WARM_UP_MS);
	let looks = 0;
	machine?.watch(() => {
		looks++;
	});
	const before = process.cpuUsage();
	const startedMs = performance.now();
	await wait(seconds * 1_000);
	const used = process.cpuUsage(before);
	const usedMs = (used.user + used.system) / 1_000;
	const snapshot = machine?.snapshot;
	await machine?.stop();
	return {
		percent: (usedMs / (performance.now() - startedMs)) * 100,
		looks,
		millisecondsPerLook: looks === 0 ? null : usedMs / looks,
		answering: (snapshot?.sources ?? []).filter(({ state }) => state === "answers").map(({ name }) => name),
		gpus: (snapshot?.gpus ?? []).map(({ name, processes }) => `${name} (${processes?.length ?? 0} processes)`),
	};
}

async function runApart(role: "looking" | "idle", seconds: number, environment: NodeJS.ProcessEnv): Promise<Cost> {
	const child = fork(new URL(import.meta.url), [`--${role}`, "--seconds", String(seconds)], {
		env: { ...process.env, ...environment },
	});
	const told = once(child, "message");
	const ended = once(child, "exit");
	const [cost]: Cost[] = await Promise.race([told, ended.then(() => Promise.reject(new Error(`${role} ended early`)))]);
	await ended;
	if (cost === undefined) throw new Error(`${role} told nothing`);
	return cost;
}

/** Programs with names of their own to look up, as a GPU's processes have. */
function startSleepers(): readonly ChildProcess[] {
	return Array.from({ length: GPU_PROCESSES }, () => spawn("sleep", ["3600"], { stdio: "ignore" }));
}

async function main(seconds: number): Promise<void> {
	warnIfBusy();
	const standIn = buildStandIn();
	const sleepers = startSleepers();
	try {
		const processes = sleepers.map(({ pid }, index) => `process ${pid ?? 0} ${index * 1e8} ${index} both`);
		standIn.play("gpu 24000000000 4000000000 40 180000 60", ...processes);
		say(`Two processes of ${seconds} s each, one after the other`);
		const looking = await runApart("looking", seconds, standIn.environment);
		const idle = await runApart("idle", seconds, standIn.environment);
		report(looking, idle, seconds);
	} finally {
		for (const sleeper of sleepers) sleeper.kill();
		standIn.remove();
	}
}

function report(looking: Cost, idle: Cost, seconds: number): void {
	const row = (name: string, { percent, looks, millisecondsPerLook }: Cost) => [
		name,
		percent,
		looks,
		millisecondsPerLook,
	];
	const columns = ["process", "% of a core", "looks", "ms of processor a look"];
	printTable(`Looking at this computer, ${seconds} s`, columns, [row("looks", looking), row("does nothing", idle)]);
	say(`Answering: ${looking.answering.join(", ")}; GPUs: ${looking.gpus.join(", ")}`);
	const path = option("json");
	if (path !== null) writeReport(path, { looking, idle });
	const costPercent = looking.percent - idle.percent;
	if (looking.gpus.length === 0) fail("no GPU was seen: the stand-in was not asked");
	if (costPercent > PROMISED_PERCENT)
		fail(`looking costs ${costPercent.toFixed(2)} % of a core; promised are ${PROMISED_PERCENT}`);
}

function fail(message: string): void {
	say(message);
	process.exitCode = 1;
}

const seconds = Number(option("seconds") ?? 60);
if (process.argv.includes("--looking") || process.argv.includes("--idle")) {
	process.send?.(await measure(process.argv.includes("--looking"), seconds));
	process.disconnect();
} else {
	await main(seconds);
}
