import { ALIVE_MS, type CoreState, compareEpochs, type Epoch, epochName, SUSPECT_MS } from "../core/core.ts";
import type { Happening, Machine } from "./machine.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/**
 * I8, stability: nobody takes over while it, or a machine it can reach, has been in contact with a healthy host for as long as it
 * takes to be suspected; and a host lays down its office for a live host only.
 */

/** How long ago a host may have been at work that another heard of through a third machine. */
const HEARSAY_MS = 2 * ALIVE_MS + SUSPECT_MS;

/** A machine has become host, or has taken a new epoch as one (`stays`). */
export function checkOffice(world: World, machine: Machine, stays: boolean): void {
	for (const host of world.machines) {
		if (host === machine || host.core.tenure === null || !isSteady(world, host)) continue;
		const isNear = world.network.isHeardFor(SUSPECT_MS, host.index, machine.index);
		if (isNear && !(stays && isFit(world, machine))) {
			throw new Violation(`I8: ${machine.device} deposes ${host.device}, a healthy host in its hearing`);
		}
		if (!stays && isFit(world, machine)) checkVouchers(world, machine, host);
	}
}

/** A machine is host no longer. */
export function checkDeposal(
	world: World,
	machine: Machine,
	before: CoreState,
	happening: Happening,
	atWork: Iterable<{ readonly epoch: Epoch; readonly atMs: number }>,
): void {
	// After a gap any host lays down its office; others do it of their own will.
	const isDeposed = happening.kind === "received" && ["hello", "grant"].includes(happening.message.kind);
	if (!isDeposed || machine.core.awakeSinceMs !== before.awakeSinceMs) return;
	const own = before.tenure?.epoch;
	if (own === undefined || (before.tenure?.handOver ?? null) !== null) return;
	for (const { epoch, atMs } of atWork) {
		if (compareEpochs(epoch, own) > 0 && world.nowMs - atMs <= HEARSAY_MS) return;
	}
	throw new Violation(`I8: ${machine.device} lays down ${epochName(own)} for nobody`);
}

function checkVouchers(world: World, machine: Machine, host: Machine): void {
	for (const voucher of world.machines) {
		if (voucher === host || voucher === machine || !isFit(world, voucher)) continue;
		const hears = world.network.isOpenFor(SUSPECT_MS, host.index, voucher.index);
		if (hears && world.network.isOpenFor(SUSPECT_MS, voucher.index, machine.index)) {
			throw new Violation(`I8: ${machine.device} takes over though ${voucher.device} still hears ${host.device}`);
		}
	}
}

/** Host for long enough that all who can hear it have. */
function isSteady(world: World, machine: Machine): boolean {
	return isFit(world, machine) && world.nowMs - machine.officeSinceMs > SUSPECT_MS;
}

function isFit(world: World, { condition, upSinceMs }: Machine): boolean {
	return condition === "up" && world.nowMs - upSinceMs > SUSPECT_MS;
}
