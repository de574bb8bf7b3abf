import { eachLine, NO_LINES, type Slice } from "../core/core.ts";
import { planSync } from "./disk.ts";
import type { Machine } from "./machine.ts";
import { resultName, type SimulatedResult } from "./virtual-ledger.ts";
import type { World } from "./world.ts";

/** A slice in hand. */
export interface Job {
	readonly leaseId: string;
	readonly batchId: string;
	lines: readonly number[];
}

/** What a machine works on: one line after the other, slices in the order they came. */
export interface Work {
	jobs: Job[];
	/** Counts what makes the line in hand void. */
	turn: number;
	isRunning: boolean;
	/** What the core was told last. */
	wasReady: boolean;
}

/** So many lines in hand, or fewer: time to ask for more. */
const LOW_LINES = 1;

/** How long a line takes: about what `LINES_PER_SECOND` says, with stragglers. */
const LINE_MS = { least: 400, most: 2_600 };

/** What workers say of themselves. */
const LINES_PER_SECOND = 0.7;

/** Part of all results that are errors: they lose against answers. */
const ERROR_PART = 0.1;

/** The model all batches want. */
export const MODEL = "model";

/** Nothing in hand. */
export function idle(): Work {
	return { jobs: [], turn: 0, isRunning: false, wasReady: false };
}

/** The core hears whether there is room for more, if that has changed. */
export function tellWorker(world: World, machine: Machine): void {
	const lines = machine.work.jobs.reduce((sum, job) => sum + job.lines.length, 0);
	const isReady = !machine.isOwnerThere && lines <= LOW_LINES;
	if (isReady === machine.work.wasReady) return;
	machine.work.wasReady = isReady;
	world.tell(machine, { kind: "worker-changed", isReady, models: [MODEL], linesPerSecond: LINES_PER_SECOND });
}

/** Begins what the core says. */
export function beginJob(world: World, machine: Machine, { leaseId, batchId, lines }: Slice): void {
	machine.work.jobs.push({ leaseId, batchId, lines: [...eachLine(lines)] });
	if (!machine.work.isRunning) runNext(world, machine);
	tellWorker(world, machine);
}

/** Lines not begun yet are somebody else's now. */
export function shrinkJob(world: World, machine: Machine, leaseId: string, lines: Slice["lines"]): void {
	const { jobs } = machine.work;
	const job = jobs.find((one) => one.leaseId === leaseId);
	if (job === undefined) return;
	const gone = new Set(eachLine(lines));
	job.lines = job.lines.filter((line, at) => (job === jobs[0] && at === 0) || !gone.has(line));
	if (job.lines.length === 0) endJob(world, machine, job);
	tellWorker(world, machine);
}

/** Gives up what it works on, as when the program stops. */
export function dropJobs(machine: Machine): void {
	machine.work = { ...idle(), turn: machine.work.turn + 1 };
}

/** The owner wants the computer: what runs ends at once, for so long. */
export function returnOwner(world: World, machine: Machine, forMs: number): void {
	if (machine.isOwnerThere) return;
	machine.isOwnerThere = true;
	world.note(machine, "owner is back");
	tellWorker(world, machine);
	machine.work.turn += 1;
	machine.work.isRunning = false;
	for (const job of [...machine.work.jobs]) endJob(world, machine, job);
	world.after(forMs, () => {
		machine.isOwnerThere = false;
		if (machine.condition === "up") tellWorker(world, machine);
		else if (machine.condition === "asleep") machine.whenAwake.push(() => tellWorker(world, machine));
	});
}

function runNext(world: World, machine: Machine): void {
	const { work } = machine;
	const [job] = work.jobs;
	work.isRunning = job !== undefined;
	if (job === undefined) return;
	const { turn } = work;
	world.afterOn(machine, world.random.between(LINE_MS.least, LINE_MS.most), () => {
		if (machine.work.turn !== turn) return;
		finishLine(world, machine, job);
		if (job.lines.length === 0) endJob(world, machine, job);
		tellWorker(world, machine);
		runNext(world, machine);
	});
}

function finishLine(world: World, machine: Machine, job: Job): void {
	const [line] = job.lines;
	job.lines = job.lines.slice(1);
	if (line === undefined || machine.ledger.winnerOf(job.batchId, line) !== null) return;
	const result: SimulatedResult = {
		line,
		isError: world.random.chance(ERROR_PART),
		hash: Uint8Array.of(world.random.below(256), world.random.below(256), world.random.below(256)),
	};
	const lines = [[line, 1]] as const;
	const errors = result.isError ? lines : NO_LINES;
	const round = machine.core.batches.get(job.batchId)?.round ?? 0;
	world.checker.outputs.made(job.batchId, round, line, resultName(result));
	const operation = machine.ledger.append({ kind: "segment", batchId: job.batchId, lines, errors, round }, [result]);
	world.tell(machine, { kind: "appended", operation });
	planSync(world, machine);
}

function endJob(world: World, machine: Machine, job: Job): void {
	machine.work.jobs = machine.work.jobs.filter((other) => other !== job);
	world.tell(machine, { kind: "slice-ended", leaseId: job.leaseId });
}
