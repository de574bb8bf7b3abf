import { type CoreEvent, type CoreState, type Epoch, type Moment, startCore } from "../core/core.ts";
import type { VirtualLedger } from "./virtual-ledger.ts";
import type { Work } from "./working.ts";
import type { World } from "./world.ts";

/** One computer of the simulated world. */
export interface Machine extends Clocks {
	readonly device: string;
	/** Its number, by which the network knows it. */
	readonly index: number;
	readonly rank: number;
	condition: "up" | "asleep" | "down" | "lost";
	/** Counts its starts and ends: what was planned before is void. */
	incarnation: number;
	/** When it last started or woke. */
	upSinceMs: number;
	asleepSinceMs: number;
	/** When it last became host. */
	officeSinceMs: number;
	core: CoreState;
	readonly ledger: VirtualLedger;
	/** What of the core's is on disk beside the logs. */
	saved: { readonly maxEpoch: Epoch | null; readonly ownTerm: number };
	/** How long an fsync takes at most. */
	diskDelayMs: number;
	isSyncPlanned: boolean;
	work: Work;
	isOwnerThere: boolean;
	/** What was planned for while it slept. */
	whenAwake: (() => void)[];
}

/** A computer's clocks. */
export interface Clocks {
	/** On Linux the monotonic clock stands still while the computer sleeps, on macOS it goes on. */
	readonly system: "linux" | "macos";
	/** How fast its clocks go. */
	readonly rate: number;
	wallOffsetMs: number;
	sleptMs: number;
}

/** An event without its moment, which the machine's clocks give. */
export type Happening = CoreEvent extends infer Event ? (Event extends CoreEvent ? Omit<Event, "at"> : never) : never;

/** What a machine's clocks say now. */
export function momentOf(nowMs: number, { system, sleptMs, rate, wallOffsetMs }: Clocks): Moment {
	const countedMs = nowMs - (system === "linux" ? sleptMs : 0);
	return { monotonicMs: countedMs * rate, wallMs: nowMs + wallOffsetMs };
}

/** A core with what is on the machine's disk. */
export function startedCore(
	world: World,
	machine: Clocks & Pick<Machine, "device" | "rank" | "ledger" | "saved">,
	ranks: readonly number[],
): CoreState {
	return startCore({
		at: momentOf(world.nowMs, machine),
		device: machine.device,
		origin: machine.ledger.origin,
		incarnation: String(world.stamp()),
		rank: machine.rank,
		mayHost: true,
		protection: world.plan.protection,
		publishAt: world.plan.publishAt,
		rules: world.options.rules,
		members: ranks.map((rank, index) => ({ device: deviceName(index), rank, mayHost: true })),
		...machine.saved,
		operations: machine.ledger.operations(),
	});
}

/** What the machine of a number is called; names sort as numbers do. */
export function deviceName(index: number): string {
	return String.fromCharCode("a".charCodeAt(0) + index);
}
