/** What comes into the core and what goes out of it. Moments and everything else that is not computed come in with an event. */
import type { Epoch } from "./epochs.ts";
import type { Message, Slice } from "./messages.ts";
import type { Operation, Outcome, Place, SealBody } from "./operations.ts";
import type { LineRanges } from "./ranges.ts";
import type { Claim } from "./state.ts";
import type { VersionVector } from "./versions.ts";

/** When something happened on this machine's own clocks. They are never compared with those of another. */
export interface Moment {
	/** For all durations. May or may not go on while the computer sleeps. */
	readonly monotonicMs: number;
	/** Only to see that the computer slept. */
	readonly wallMs: number;
}

/** A machine of the mesh. */
export interface Member {
	readonly device: string;
	/** What its owner prefers it by as host: lower is better. */
	readonly rank: number;
	/** Its owner lets it be host. */
	readonly mayHost: boolean;
}

interface Timed<Kind extends string> {
	readonly kind: Kind;
	readonly at: Moment;
}

/** Something happened. */
export type CoreEvent =
	/** Nothing else did for a while; wanted every `TICK_MS`. */
	| Timed<"tick">
	| (Timed<"received"> & { readonly from: string; readonly message: Message })
	/** A `save-epoch` with this `ownTerm` is on disk. */
	| (Timed<"epoch-saved"> & { readonly ownTerm: number })
	/** An operation was appended to this machine's own log; not on disk yet. */
	| (Timed<"appended"> & { readonly operation: Operation })
	/** So much of each log is on disk, fsynced. */
	| (Timed<"durable"> & { readonly durable: VersionVector })
	/** Somebody waits for an operation to be safe; answered by `acknowledged` with the same `request`. */
	| (Timed<"acknowledge"> & { readonly request: string; readonly place: Place })
	/** What this machine can work on. Ready: there is room for another slice; lines should come before the lanes run dry. */
	| (Timed<"worker-changed"> & {
			readonly isReady: boolean;
			readonly models: readonly string[];
			readonly linesPerSecond: number;
	  })
	/** The worker does nothing more of this slice: all is done, or it must stop. */
	| (Timed<"slice-ended"> & { readonly leaseId: string })
	/** What `build-output` asked for is on disk. Its digest names the files. */
	| (Timed<"output-built"> & {
			readonly batchId: string;
			readonly digest: string;
			readonly outcome: Outcome;
			readonly round: number;
	  })
	/** Building or publishing failed, a full disk perhaps; it is asked for again. */
	| (Timed<"duty-failed"> & { readonly batchId: string })
	/** Which batches may be worked on, first things first; others stand still, but for slices already out. Null: all, as they came. */
	| (Timed<"work-ordered"> & { readonly batchIds: readonly string[] | null })
	/** A batch is to end in this round although lines are left, as far as this machine's own clock and ledger say. */
	| (Timed<"batch-due"> & {
			readonly batchId: string;
			readonly round: number;
			readonly outcome: Extract<Outcome, "expired" | "failed">;
	  })
	| (Timed<"members-changed"> & { readonly members: readonly Member[] })
	| (Timed<"handicap-changed"> & { readonly handicap: number })
	/** The owner wants this machine as host more, less or not at all. */
	| (Timed<"hosting-changed"> & { readonly rank: number; readonly mayHost: boolean })
	/** The owner wants another machine to be host (E6). */
	| (Timed<"hand-over"> & { readonly to: string })
	/** The service is about to stop or the computer to sleep (E7). */
	| Timed<"leaving">;

/** Something to be done. What is not answered by an event may be lost in a crash: the state made anew asks again. */
export type Effect =
	| { readonly kind: "send"; readonly to: string; readonly message: Message }
	/** Send operations `first` to `last` of a log, which the ledger has on disk, as one `operations` frame. */
	| {
			readonly kind: "send-operations";
			readonly to: string;
			readonly origin: string;
			readonly first: number;
			readonly last: number;
	  }
	/** Put another machine's operations into the ledger; `durable` tells when they are on disk. */
	| { readonly kind: "store"; readonly operations: readonly Operation[] }
	/** Write both to disk, in the order asked; answered by `epoch-saved`. A disk that can't take it ends the process: nothing else would be true. */
	| { readonly kind: "save-epoch"; readonly maxEpoch: Epoch | null; readonly ownTerm: number }
	/** Work on these lines. The epoch is that of the host that granted them. */
	| { readonly kind: "start-slice"; readonly slice: Slice; readonly epoch: Epoch }
	/** Do not begin these lines of a slice any more; what has begun may go on. */
	| { readonly kind: "shrink-slice"; readonly leaseId: string; readonly lines: LineRanges }
	| {
			readonly kind: "acknowledged";
			readonly request: string;
			readonly place: Place;
			readonly durability: Durability;
	  }
	/** Too many wait already; this one is not waited for. */
	| { readonly kind: "too-many-waiting"; readonly request: string }
	/** Build the files of a batch as it stands in a round; answered by `output-built` or `duty-failed`. */
	| {
			readonly kind: "build-output";
			readonly batchId: string;
			readonly outcome: Outcome;
			readonly round: number;
	  }
	/** Append a seal, or the notice that one is published; answered by `appended` or `duty-failed`. */
	| { readonly kind: "append-seal"; readonly batchId: string; readonly seal: SealBody }
	| {
			readonly kind: "append-published";
			readonly batchId: string;
			readonly digest: string;
			readonly seal: Place;
			readonly durability: Durability;
	  }
	/** This machine is host now, or no longer (null). */
	| { readonly kind: "host-changed"; readonly epoch: Epoch; readonly cause: Claim["cause"] }
	| { readonly kind: "host-changed"; readonly epoch: null }
	/** A log has two different operations in one place: a restored backup or a copied disk. It is not exchanged any more. */
	| ({ readonly kind: "forked" } & Place);

/** How safe something is: fsynced on at least so many machines, and why not on more. */
export type Durability =
	| { readonly level: 2; readonly reason: null }
	/** `alone`: nobody was heard for a while. `only-member`: there is nobody. */
	| { readonly level: 1; readonly reason: "alone" | "only-member" };
