import { type CoreState, canonicalSeal, isEnded } from "../core/core.ts";
import type { Machine } from "./machine.ts";
import { Violation } from "./violation.ts";
import { resultName } from "./virtual-ledger.ts";
import type { World } from "./world.ts";

/** What must hold once all is well again: every machine that is left is up, every link open, nothing lost on the way. */

/** What is not as it should be yet; null: all is settled. Progress (I9), one host (I7), the same logs everywhere (I4). */
export function unsettled(world: World): string | null {
	const living = livingMachines(world);
	const [first] = living;
	if (first === undefined) return null;
	const hosts = living.filter(({ core }) => core.tenure !== null);
	if (hosts.length !== 1) return `I7: ${hosts.length} hosts`;
	for (const machine of living) {
		const origin = differentLog(first, machine);
		if (origin !== null) return `I4: ${first.device} and ${machine.device} have different logs of ${origin}`;
		for (const batch of machine.core.batches.values()) {
			if (batch.total === null || isEnded(batch)) continue;
			return `I9: ${batch.batchId} is not done on ${machine.device}: ${batch.doneCount} of ${batch.total} lines`;
		}
	}
	return null;
}

/** How many lines the machines that are left know of that have no result anywhere they know of. */
export function linesLeft(world: World): number {
	const left = new Map<string, number>();
	for (const { core } of livingMachines(world)) {
		for (const { batchId, total, doneCount } of core.batches.values()) {
			left.set(batchId, Math.max(left.get(batchId) ?? 0, (total ?? 0) - doneCount));
		}
	}
	return [...left.values()].reduce((sum, lines) => sum + lines, 0);
}

/** Checks everything once all is settled. Throws `Violation`. */
export function checkClosing(world: World): void {
	const living = livingMachines(world);
	const [first] = living;
	if (first === undefined) return;
	for (const machine of living) {
		checkSame(first, machine);
		checkOutputs(world, machine);
	}
	checkWords(world, living);
	checkSeen(world, living);
}

function livingMachines(world: World): readonly Machine[] {
	return world.machines.filter(({ condition }) => condition !== "lost");
}

function differentLog(left: Machine, right: Machine): string | null {
	for (const origin of new Set([...left.ledger.origins(), ...right.ledger.origins()])) {
		if (left.ledger.lengthOf(origin) !== right.ledger.lengthOf(origin)) return origin;
	}
	return null;
}

/** I4: the same operations, winners and outputs on all. */
function checkSame(left: Machine, right: Machine): void {
	const names = `${left.device} and ${right.device}`;
	for (const operation of left.ledger.operations()) {
		if (right.ledger.at(operation) !== operation) {
			throw new Violation(`I4: ${names} differ at ${operation.origin}/${operation.sequence}`);
		}
	}
	for (const batchId of left.core.batches.keys()) {
		if (winnersOf(left, batchId) !== winnersOf(right, batchId)) {
			throw new Violation(`I4: ${names} have other winners of ${batchId}`);
		}
		if (digestOf(left.core, batchId) !== digestOf(right.core, batchId)) {
			throw new Violation(`I4: ${names} show other outputs of ${batchId}`);
		}
	}
}

/** I5: what is shown is whole; and a client sees it. */
function checkOutputs({ checker }: World, { core }: Machine): void {
	for (const batch of core.batches.values()) {
		const seal = canonicalSeal(batch);
		if (seal === null || batch.total === null) continue;
		checker.outputs.checkContent(batch, seal.digest, seal.outcome === "completed");
		checker.outputs.shown(batch);
	}
}

/** I3: what was acknowledged is there, but for what was on one disk only, said so, and that disk is lost. */
function checkWords({ checker, machines }: World, living: readonly Machine[]): void {
	const lost = machines.find(({ condition }) => condition === "lost")?.device;
	for (const { operation, level, by, about } of checker.durability.words) {
		if (level === 1 && by === lost) continue;
		if (!living.some(({ ledger }) => ledger.at(operation) === operation)) {
			throw new Violation(`I3: ${about}, acknowledged on ${level} by ${by}, is nowhere`);
		}
	}
}

/** I6: whatever a client was ever shown can still be had, everywhere. After a lost disk I3 says what must be left. */
function checkSeen({ checker, machines }: World, living: readonly Machine[]): void {
	if (machines.some(({ condition }) => condition === "lost")) return;
	for (const { batchId, fileId, digest } of checker.outputs.seen) {
		for (const { device, core } of living) {
			const seals = core.batches.get(batchId)?.seals ?? [];
			if (seals.some((seal) => seal.digest === digest)) continue;
			throw new Violation(`I6: ${fileId}, once shown, is not to be had on ${device}`);
		}
	}
}

function winnersOf({ ledger }: Machine, batchId: string): string {
	return ledger
		.winners(batchId)
		.map((result) => `${result.line} ${resultName(result)}`)
		.join();
}

function digestOf({ batches }: CoreState, batchId: string): string | null {
	const batch = batches.get(batchId);
	return batch === undefined ? null : (canonicalSeal(batch)?.digest ?? null);
}
