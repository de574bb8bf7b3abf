/** What is said between the mesh's thread and the service: plain data that can be cloned. */
import type { BatchMachines, Durability, MachineAbout, MeshView } from "../../contract/contract.ts";
import type { StoredOp } from "../../ledger/log.ts";
import type { Effect, LineRanges, Operation, Outcome, SealBody, Slice, VersionVector } from "../core/core.ts";
import type { MeshFault } from "../mesh.ts";
import type { Traffic } from "../transport/transport.ts";
import type { DroppedThings } from "./dropped.ts";

/** What a node is started with. */
export interface NodeStart {
	readonly paths: {
		readonly identity: string;
		readonly members: string;
		readonly addresses: string;
		/** Epochs that survive a crash. */
		readonly epochs: string;
		readonly blobs: string;
	};
	/** Who this machine was, as the ledger knows it; null: nobody yet. */
	readonly expectedId: string | null;
	/** Name of this machine's log. */
	readonly origin: string;
	/** How this machine is called. */
	readonly name: string;
	readonly port: number;
	readonly hosting: Hosting;
	readonly protection: "auto" | "protect";
	readonly publishAt: "available" | "two";
	/** Of Nightshift. */
	readonly version: string;
	readonly logPath: string;
	readonly logLevel: string;
}

/** How its owner wants a machine as host. */
export type Hosting = "never" | "allowed" | "preferred";

/** A blob by name. */
export interface BlobName {
	readonly digest: string;
	readonly sizeBytes: number;
}

/** A file of another machine that is being read. */
export interface OpenedFile {
	/** By which its pieces are asked for. */
	readonly id: number;
	/** Of all of it. */
	readonly sizeBytes: number;
}

/** Questions of the service, and what they answer with. */
export interface Questions {
	readonly "show-code": { readonly asked: null; readonly answered: NonNullable<MeshView["pairing"]> };
	readonly "hide-code": { readonly asked: null; readonly answered: null };
	readonly invite: { readonly asked: { readonly lifetimeMs: number }; readonly answered: string };
	readonly join: {
		readonly asked: { readonly address: string; readonly code: string } | { readonly token: string };
		readonly answered: { readonly id: string; readonly name: string };
	};
	readonly approve: { readonly asked: { readonly id: string }; readonly answered: null };
	readonly remove: { readonly asked: { readonly id: string }; readonly answered: null };
	readonly "add-address": { readonly asked: { readonly address: string }; readonly answered: null };
	readonly "hand-over": { readonly asked: { readonly id: string }; readonly answered: null };
	/** Gets blobs onto this machine, from whoever has them. */
	readonly fetch: { readonly asked: { readonly blobs: readonly BlobName[] }; readonly answered: null };
	/** Has a second machine keep blobs; answers how that went. */
	readonly "keep-elsewhere": {
		readonly asked: { readonly blobs: readonly BlobName[] };
		readonly answered: "kept" | "no-room" | "nobody";
	};
	/** Opens a large file of another machine, to be read in pieces; these may have it. */
	readonly "open-file": {
		readonly asked: { readonly digest: string; readonly start: number; readonly from: readonly string[] };
		readonly answered: OpenedFile;
	};
	/** The next piece of an open file; null: there is no more, or its connection broke. */
	readonly "read-file": { readonly asked: { readonly id: number }; readonly answered: Uint8Array | null };
	readonly "close-file": { readonly asked: { readonly id: number }; readonly answered: null };
	/** How much was said and given since the thread began. */
	readonly traffic: { readonly asked: null; readonly answered: Traffic };
	/** Says goodbye and ends. */
	readonly stop: { readonly asked: null; readonly answered: null };
}

/** A question by name. */
export type QuestionKind = keyof Questions;

/** A question under way. */
export type Asked = {
	readonly [Kind in QuestionKind]: {
		readonly kind: "ask";
		readonly id: number;
		readonly question: Kind;
		readonly asked: Questions[Kind]["asked"];
	};
}[QuestionKind];

/** From the service to the node. */
export type ToNode =
	| { readonly kind: "start"; readonly start: NodeStart }
	/** The logs on disk, in pieces, before anything else. */
	| { readonly kind: "logs"; readonly operations: readonly Operation[] }
	| { readonly kind: "logs-end"; readonly places: readonly BatchPlace[]; readonly dropped: DroppedThings }
	| Asked
	/** An operation of this machine is on disk. */
	| { readonly kind: "appended"; readonly operation: StoredOp; readonly durable: VersionVector }
	/** Answers `store`. */
	| { readonly kind: "stored"; readonly id: number; readonly durable: VersionVector }
	| { readonly kind: "not-stored"; readonly id: number; readonly message: string }
	/** Answers `read`. */
	| { readonly kind: "read"; readonly id: number; readonly operations: readonly StoredOp[] }
	| { readonly kind: "acknowledge"; readonly request: string; readonly origin: string; readonly sequence: number }
	| {
			readonly kind: "worker";
			readonly isReady: boolean;
			readonly models: readonly string[];
			readonly linesPerSecond: number;
	  }
	| { readonly kind: "slice-ended"; readonly leaseId: string }
	| {
			readonly kind: "output-built";
			readonly batchId: string;
			readonly digest: string;
			readonly outcome: Outcome;
			readonly round: number;
	  }
	| { readonly kind: "duty-failed"; readonly batchId: string }
	| { readonly kind: "work-ordered"; readonly batchIds: readonly string[] }
	| {
			readonly kind: "batch-due";
			readonly batchId: string;
			readonly round: number;
			readonly outcome: "expired" | "failed";
	  }
	| { readonly kind: "handicap"; readonly handicap: number }
	| { readonly kind: "hosting"; readonly hosting: Hosting }
	| { readonly kind: "about"; readonly about: MachineAbout }
	/** Files that other machines may have beside blobs: these and no others from now on. */
	| { readonly kind: "share-files"; readonly files: readonly (readonly [digest: string, path: string])[] };

/** Where the operation stands that made a batch be there. */
export interface BatchPlace {
	readonly batchId: string;
	readonly origin: string;
	readonly sequence: number;
}

/** Effects of the core that the service does. */
export type ServiceEffect = Extract<
	Effect,
	{
		readonly kind:
			| "start-slice"
			| "shrink-slice"
			| "acknowledged"
			| "too-many-waiting"
			| "build-output"
			| "append-seal"
			| "append-published"
			| "forked";
	}
>;

/** From the node to the service. */
export type FromNode =
	/** It has begun; who this machine is from now on. */
	| { readonly kind: "begun"; readonly deviceId: string; readonly port: number }
	/** It can't begin, or not go on: a sentence that says how to mend it. */
	| { readonly kind: "failed"; readonly message: string }
	| { readonly kind: "answer"; readonly id: number; readonly answered: unknown }
	| { readonly kind: "refusal"; readonly id: number; readonly fault: MeshFault }
	/** Put operations into the ledger; `gone`: blobs of theirs that nobody has any more. */
	| {
			readonly kind: "store";
			readonly id: number;
			readonly operations: readonly StoredOp[];
			readonly gone: readonly string[];
	  }
	| {
			readonly kind: "read";
			readonly id: number;
			readonly origin: string;
			readonly first: number;
			readonly last: number;
	  }
	| { readonly kind: "effect"; readonly effect: ServiceEffect }
	/** This host does the part of batches' makers, but for those whose logs these are; null: it does not. */
	| { readonly kind: "stands-in"; readonly present: readonly string[] | null }
	| { readonly kind: "view"; readonly view: MeshView }
	/** The code that is out, or none. */
	| { readonly kind: "code"; readonly code: MeshView["pairing"] }
	/** How safe batches are, of those where that changed. */
	| { readonly kind: "durability"; readonly levels: readonly (readonly [batchId: string, durability: Durability])[] };

export type { BatchMachines, Durability, LineRanges, SealBody, Slice };
