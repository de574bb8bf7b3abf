import { eachLine, NO_LINES, type Slice } from "../core/core.ts";
import { planSync } from "./disk.ts";
import type { Machine } from "./machine.ts";
import { resultName, type SimulatedResult } from "./virtual-ledger.ts";
import type { World } from "./world.ts";

/** What a machine works on. Its first line has begun. */
export interface Job {
	readonly leaseId: string;
	readonly batchId: string;
	lines: readonly number[];
}

/** How long a line takes: about what `LINES_PER_SECOND` says, with stragglers. */
const LINE_MS = { least: 400, most: 2_600 };

/** What workers say of themselves. */
const LINES_PER_SECOND = 0.7;

/** Part of all results that are errors: they lose against answers. */
const ERROR_PART = 0.1;

/** The model all batches want. */
export const MODEL = "model";

/** The core hears whether this machine works. */
export function tellWorker(world: World, machine: Machine): void {
	const isReady = !machine.isOwnerThere;
	world.tell(machine, { kind: "worker-changed", isReady, models: [MODEL], linesPerSecond: LINES_PER_SECOND });
}

/** Begins what the core says. */
export function beginJob(world: World, machine: Machine, { leaseId, batchId, lines }: Slice): void {
	const job = { leaseId, batchId, lines: [...eachLine(lines)] };
	machine.job = job;
	planLine(world, machine, job);
}

/** Lines not begun yet are somebody else's now. */
export function shrinkJob(machine: Machine, leaseId: string, lines: Slice["lines"]): void {
	const { job } = machine;
	if (job === null || job.leaseId !== leaseId) return;
	const gone = new Set(eachLine(lines));
	job.lines = job.lines.filter((line, at) => at === 0 || !gone.has(line));
}

/** Gives up what it works on, as when the program stops. */
export function dropJob(machine: Machine): void {
	machine.job = null;
}

/** The owner wants the computer: what runs ends at once, for so long. */
export function returnOwner(world: World, machine: Machine, forMs: number): void {
	if (machine.isOwnerThere) return;
	machine.isOwnerThere = true;
	world.note(machine, "owner is back");
	tellWorker(world, machine);
	endJob(world, machine);
	world.after(forMs, () => {
		machine.isOwnerThere = false;
		if (machine.condition === "up") tellWorker(world, machine);
		else if (machine.condition === "asleep") machine.whenAwake.push(() => tellWorker(world, machine));
	});
}

function planLine(world: World, machine: Machine, job: Job): void {
	world.afterOn(machine, world.random.between(LINE_MS.least, LINE_MS.most), () => {
		if (machine.job !== job) return;
		finishLine(world, machine, job);
		if (job.lines.length === 0) endJob(world, machine);
		else planLine(world, machine, job);
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

function endJob(world: World, machine: Machine): void {
	const { job } = machine;
	if (job === null) return;
	machine.job = null;
	world.tell(machine, { kind: "slice-ended", leaseId: job.leaseId });
}
