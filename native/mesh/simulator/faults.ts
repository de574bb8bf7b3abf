import { assertNever } from "../../base/base.ts";
import { type Batch, canonicalSeal, isEnded } from "../core/core.ts";
import { append } from "./effects.ts";
import { crash, loseDisk, sleep } from "./lifecycle.ts";
import type { Machine } from "./machine.ts";
import type { Fault } from "./plan.ts";
import { MODEL, returnOwner } from "./working.ts";
import type { World } from "./world.ts";

/** Plans all faults of the world's plan. */
export function planFaults(world: World): void {
	for (const [number, fault] of world.plan.faults.entries()) {
		world.after(fault.atMs, () => apply(world, fault, `batch-${number}`));
	}
}

function apply(world: World, fault: Fault, name: string): void {
	world.note(null, JSON.stringify(fault));
	switch (fault.kind) {
		case "split":
			split(world, fault.sides, fault.isOneWay);
			break;
		case "cut":
			cut(world, fault);
			break;
		case "heal":
			world.network.heal();
			break;
		case "hold":
			world.network.hold(fault.message, fault.delayMs, world.nowMs + fault.forMs);
			break;
		default: {
			const machine = machineOf(world, fault.machine);
			if (machine.condition !== "lost") applyTo(world, machine, fault, name);
		}
	}
}

type MachineFault = Exclude<Fault, { kind: "split" | "cut" | "heal" | "hold" }>;

function applyTo(world: World, machine: Machine, fault: MachineFault, name: string): void {
	const isUp = machine.condition === "up";
	switch (fault.kind) {
		case "submit":
			if (isUp) submit(world, machine, name, fault.lines);
			break;
		case "cancel":
			if (isUp) cancel(world, machine);
			break;
		case "expire":
			if (isUp) expire(world, machine);
			break;
		case "choose":
			if (isUp) choose(world, machine);
			break;
		case "retry":
			if (isUp) retry(world, machine);
			break;
		case "crash":
			crash(world, machine, fault.forMs);
			break;
		case "quit":
			if (isUp) world.tell(machine, { kind: "leaving" });
			crash(world, machine, fault.forMs);
			break;
		case "sleep":
			sleep(world, machine, fault.forMs);
			break;
		case "lose-disk":
			if (world.machines.every(({ condition }) => condition !== "lost")) loseDisk(world, machine);
			break;
		case "slow-disk":
			machine.diskDelayMs = fault.delayMs;
			break;
		case "set-clock":
			// Nobody is there to set the clock of a computer that sleeps; and set back by as long as it slept, it would hide the sleep.
			if (!isUp) break;
			machine.wallOffsetMs += fault.byMs;
			// What it does on seeing it is as if it had just woken.
			machine.upSinceMs = world.nowMs;
			break;
		case "owner-returns":
			if (isUp) returnOwner(world, machine, fault.forMs);
			break;
		case "hand-over":
			for (const host of world.machines) {
				const isHost = host.condition === "up" && host.core.tenure !== null;
				if (isHost && host !== machine) world.tell(host, { kind: "hand-over", to: machine.device });
			}
			break;
		default:
			assertNever(fault);
	}
}

function cut(world: World, fault: Extract<Fault, { kind: "cut" }>): void {
	const one = machineOf(world, fault.machine).index;
	const other = machineOf(world, fault.other).index;
	if (one === other) return;
	world.network.set(one, other, false);
	if (!fault.isOneWay) world.network.set(other, one, false);
}

function submit(world: World, machine: Machine, batchId: string, total: number): void {
	append(world, machine, { kind: "batch", batchId, total, model: MODEL });
	acknowledgeLast(world, machine, `submit ${batchId}`);
}

/** Cancels a batch that is not sealed, if it knows any. */
function cancel(world: World, machine: Machine): void {
	const open = openBatches(machine);
	if (open.length === 0) return;
	const { batchId, round } = world.random.pick(open);
	append(world, machine, { kind: "cancel", batchId, round });
	acknowledgeLast(world, machine, `cancel ${batchId}`);
}

/** Ends the time of a batch on all machines that are up; one that is not finds out when the batch is sealed. */
function expire(world: World, machine: Machine): void {
	const open = openBatches(machine);
	if (open.length === 0) return;
	const { batchId, round } = world.random.pick(open);
	for (const each of world.machines) {
		if (each.condition === "up") world.tell(each, { kind: "batch-due", batchId, round, outcome: "expired" });
	}
}

/** Forbids a machine to work on a batch that it knows. */
function choose(world: World, machine: Machine): void {
	const open = openBatches(machine);
	if (open.length === 0) return;
	const { batchId, choice } = world.random.pick(open);
	const revision = (choice?.revision ?? 0) + 1;
	append(world, machine, { kind: "chosen", batchId, revision, only: null, never: [machine.device] });
}

/** Lets every machine work on everything again, as far as `machine` knows of what was forbidden. */
export function liftChoices(world: World, machine: Machine): void {
	for (const { batchId, choice } of machine.core.batches.values()) {
		if (choice === null || choice.never.length === 0) continue;
		append(world, machine, { kind: "chosen", batchId, revision: choice.revision + 1, only: null, never: [] });
	}
}

function openBatches({ core }: Machine): readonly Batch[] {
	return [...core.batches.values()].filter((batch) => batch.total !== null && canonicalSeal(batch) === null);
}

/** Has some or all failed lines of an ended batch run again, if it knows any. */
function retry(world: World, machine: Machine): void {
	const failedOf = (batchId: string) => machine.ledger.winners(batchId).filter(({ isError }) => isError);
	const failed = [...machine.core.batches.values()].filter(
		(batch) => isEnded(batch) && failedOf(batch.batchId).length > 0,
	);
	if (failed.length === 0) return;
	const { batchId, round } = world.random.pick(failed);
	const { line } = world.random.pick(failedOf(batchId));
	const lines = world.random.chance(0.5) ? null : ([[line, 1]] as const);
	append(world, machine, { kind: "retried", batchId, round: round + 1, lines });
	acknowledgeLast(world, machine, `retry ${batchId}`);
}

function acknowledgeLast(world: World, machine: Machine, request: string): void {
	const { origin } = machine.ledger;
	const place = { origin, sequence: machine.ledger.lengthOf(origin) };
	world.tell(machine, { kind: "acknowledge", request, place });
}

function split(world: World, sides: number, isOneWay: boolean): void {
	for (const { index: from } of world.machines) {
		for (const { index: to } of world.machines) {
			const fromFirst = isFirstSide(sides, from);
			if (from !== to) world.network.set(from, to, fromFirst === isFirstSide(sides, to) || (isOneWay && fromFirst));
		}
	}
}

function isFirstSide(sides: number, index: number): boolean {
	return ((sides >> index) & 1) === 1;
}

function machineOf(world: World, number: number): Machine {
	const machine = world.machines[Math.abs(number) % world.machines.length];
	if (machine === undefined) throw new Error("A world without machines.");
	return machine;
}
