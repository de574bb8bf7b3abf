/** Looks at the power: what kind of computer this is, and what its GPUs draw. */
import { err, ok, type Result } from "../base/base.ts";
import type { MachineSnapshot } from "../contract/contract.ts";
import type { Machine } from "./machine.ts";

/** Kinds of computers as far as their power differs. */
export type ComputerKind = "laptop" | "desktop" | "unknown";

/** A GPU and what it draws now. */
export interface GpuPower {
	readonly name: string;
	readonly watts: number;
}

/** What a look found. */
export interface PowerSight {
	readonly kind: ComputerKind;
	/** Those that tell what they draw; empty: none does, and none will soon. */
	readonly gpus: readonly GpuPower[];
}

/** Why a look found nothing; the next one may. */
export interface LookFailure {
	readonly message: string;
}

/** Looks once. Ends early when the signal says so. */
export type PowerProbe = (signal: AbortSignal) => Promise<Result<PowerSight, LookFailure>>;

/** Makes the probe of this machine. A GPU that told what it draws before, and then tells nothing, makes a look a failed one. */
export function createPowerProbe(machine: Pick<Machine, "look">): PowerProbe {
	let kind: Promise<ComputerKind> | null = null;
	let hasToldBefore = false;

	async function look(): Promise<Result<PowerSight, LookFailure>> {
		kind ??= lookAtChassis();
		const [known, snapshot] = await Promise.all([kind, machine.look()]);
		const gpus = listPowers(snapshot);
		if (gpus.length === 0 && hasToldBefore) return err({ message: sayWhy(snapshot) });
		hasToldBefore = gpus.length > 0;
		return ok({ kind: known, gpus });
	}

	return (signal) => Promise.race([look(), outOfTime(signal)]);
}

function listPowers({ gpus }: MachineSnapshot): readonly GpuPower[] {
	return gpus.flatMap(({ name, powerWatts }) => (powerWatts === null ? [] : { name, watts: powerWatts }));
}

function sayWhy({ sources }: MachineSnapshot): string {
	const failed = sources.filter(({ state }) => state === "failed").map(({ name, detail }) => `${name}: ${detail}`);
	return ["no GPU tells what it draws any more", ...failed].join("; ");
}

function outOfTime(signal: AbortSignal): Promise<Result<PowerSight, LookFailure>> {
	const { promise, resolve } = Promise.withResolvers<Result<PowerSight, LookFailure>>();
	const end = () => resolve(err({ message: "looking at the power took too long" }));
	if (signal.aborted) end();
	else signal.addEventListener("abort", end, { once: true });
	return promise;
}

/** Asked once, and loaded only then: a service that never works has no use for 10 MB of library. */
async function lookAtChassis(): Promise<ComputerKind> {
	const { chassis } = await import("systeminformation");
	return kindOf((await chassis()).type);
}

/** Reads the type of chassis that the firmware names. */
export function kindOf(chassisType: string): ComputerKind {
	if (/laptop|notebook|portable|tablet|convertible|detachable|hand held/i.test(chassisType)) return "laptop";
	if (/desktop|tower|all in one|mini pc|space-saving|pizza|lunch|sealed/i.test(chassisType)) return "desktop";
	return "unknown";
}
