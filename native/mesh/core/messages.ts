/**
 * What machines of a mesh say to each other (reference/mesh 6.1). The wire's schemas come with the transport, and with them frames
 * for blobs, for relaying and the welcome of a connection, which are not the core's.
 */
import type { Epoch } from "./epochs.ts";
import type { Operation } from "./operations.ts";
import type { LineRanges } from "./ranges.ts";
import type { VersionVector } from "./versions.ts";

/** Said to everybody once a heartbeat. */
export interface Hello {
	readonly kind: "hello";
	/** Drawn at each start of the sender: what it said before that, it may have lost. */
	readonly incarnation: string;
	/** The highest epoch known; null: none yet. */
	readonly epoch: Epoch | null;
	/** Set: the sender is host, under this epoch. */
	readonly hosting: Epoch | null;
	/** The host it heard with its own ears, and how long ago (E4); null: none since it started or woke. */
	readonly witnessed: { readonly epoch: Epoch; readonly ageMs: number } | null;
	/** What is on its disk, fsynced, of each log. */
	readonly durable: VersionVector;
	/** Dynamic reasons against it as host (on battery, no inputs): lower is better, 0 is best. */
	readonly handicap: number;
	/**
	 * What it works on, as it was handed out: renews the leases, or tells a new host of them. Lines that are done are not taken out: whoever
	 * hears it knows them by their results, and without them the rest is hundreds of pieces.
	 */
	readonly slices: readonly Slice[];
}

/** Lines handed to a worker. */
export interface Slice {
	readonly leaseId: string;
	readonly batchId: string;
	readonly lines: LineRanges;
}

/** A piece of one log, ascending without holes. */
export interface Operations {
	readonly kind: "operations";
	readonly operations: readonly Operation[];
}

/** A worker asks the host for lines. */
export interface Want {
	readonly kind: "want";
	/** Models it has. */
	readonly models: readonly string[];
	readonly linesPerSecond: number;
	/** Leases it works on. Of others it has not heard, unless it names them next. */
	readonly holding: readonly string[];
	/** Leases it did all lines of, the latest: results may still be under way, so it must not be given those again. */
	readonly finished: readonly string[];
}

/** The host hands out lines. */
export interface Grant extends Slice {
	readonly kind: "grant";
	readonly epoch: Epoch;
}

/** The host gave lines of a slow lease to somebody else; a courtesy. */
export interface Shrink {
	readonly kind: "shrink";
	readonly leaseId: string;
	readonly lines: LineRanges;
}

/** A worker gives a lease back, whatever of it is not done. */
export interface Release {
	readonly kind: "release";
	readonly leaseId: string;
}

/** A host lays down its office and asks the receiver to take it (E6, E7). */
export interface Yield {
	readonly kind: "yield";
	/** Of the tenure that ends. */
	readonly epoch: Epoch;
}

/** The sender is going away in good order. */
export interface Goodbye {
	readonly kind: "goodbye";
}

/** Any of them. */
export type Message = Hello | Operations | Want | Grant | Shrink | Release | Yield | Goodbye;
