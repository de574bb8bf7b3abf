/**
 * Which models are in memory, each in an inference process of its own, and who uses them. Owns loading, sharing and giving
 * memory back; and the gate before all batch work on this machine. Must never know what the users do with a model.
 *
 * A process per model costs some memory twice and buys what matters more: ending the process gives all of it back for certain.
 */
import type { Result } from "../base/base.ts";
import type { Engine, EngineState, FreezeReport, LoadedModel, LoadFailure, ModelSource, ThawReport } from "./engine.ts";
import type { Freezing } from "./gates.ts";

/** The right to use a loaded model until released; it stays in memory meanwhile. */
export interface HeldModel {
	readonly engine: Engine;
	readonly loaded: LoadedModel;
	/**
	 * Aborts when a batch must make room for a live request of another model: hand its lines back and release. The process
	 * is ended at once, so what runs in it ends as `aborted`. Never aborts for a live user.
	 */
	readonly leaving: AbortSignal;
	release(): void;
}

/** Why a model could not be had. */
export type AcquireFailure = LoadFailure | { readonly kind: "aborted" };

/** Who asks: `batch` waits its turn and leaves when told, `interactive` goes first. */
export type ModelUse = "batch" | "interactive";

/** A model in memory, or on its way there. */
export interface ResidentModel {
	readonly source: ModelSource;
	readonly state: EngineState;
	/** Inference process, while there is one. */
	readonly processId: number | null;
	/** On its way out: its process is being ended and nobody new is let in. */
	readonly isLeaving: boolean;
	/** Users that have it or wait for its load. */
	readonly batchUsers: number;
	readonly interactiveUsers: number;
}

/** The models in memory. */
export interface Residency {
	/**
	 * Waits until the model is in memory and answers the right to use it. First come, first served among batch users; live
	 * requests never wait for batch users: what these hold beside them, or gives way. A batch never hears `out-of-memory`: it
	 * waits, and the model is tried again, as `shortOfMemory` tells.
	 */
	acquire(source: ModelSource, use: ModelUse, signal?: AbortSignal): Promise<Result<HeldModel, AcquireFailure>>;
	/**
	 * Like acquire for a batch, but null at once where it would have to wait for another user; `aborted` where that shows only
	 * on the way, because the model does not fit beside the one in use or a live request came first.
	 */
	tryAcquire(source: ModelSource): Promise<Result<HeldModel, AcquireFailure>> | null;
	/** Whether tryAcquire would not be refused now. */
	isFree(source: ModelSource): boolean;
	/** What is in memory now, the one used longest ago first. */
	readonly models: readonly ResidentModel[];
	/** When and how long the gates were closed. */
	readonly freezing: Freezing;
	/** Freezes batch work of every model, also of those loaded from now on. Sums what the engines report. */
	closeGates(sinceMs: number): Promise<FreezeReport>;
	/** Lets batch work go on. The report counts work that was lost because its model had to leave meanwhile. */
	openGates(): Promise<ThawReport>;
	/**
	 * Batch work gives everything back: models no live request uses are ended at once, frozen or not, and batch users told to
	 * leave; until `resume` no model is loaded for batch work. A model that answers a live request at this moment ends when it has.
	 * One that is loaded for a live request meanwhile gets no batch lanes, and leaves ten seconds after its last user or stays, by
	 * the scope. Never waits for a step in flight. Saying it again joins the first; the last scope holds.
	 */
	suspend(scope?: SuspendScope): Promise<SuspendReport>;
	/** Batch work may have models again. */
	resume(): void;
	readonly isSuspended: boolean;
	/**
	 * How models are loaded has changed: those in memory leave as soon as nobody uses them, so that their next use loads them anew. Who
	 * uses one goes on undisturbed.
	 */
	renew(): void;
	/** Batch steps take at most this part of the time, above 0 to 1: they pause in between. Holds for models loaded later too. */
	setBatchShare(fraction: number): void;
	/** The model batch work waits for memory for, and when it is tried again (monotonic); null: none. */
	readonly shortOfMemory: ShortOfMemory | null;
	/** Ends all processes; users hear of it as `aborted`. */
	stop(): Promise<void>;
}

/**
 * Who is to have the memory. `all`, which is the default: somebody else, so that nothing of ours stays. `batch`: nobody, batch work
 * only rests; models that serve nothing but live requests are the owner's own use of this computer and stay.
 */
export type SuspendScope = "all" | "batch";

/** What giving everything back came to. Counted when all processes meant have ended. */
export interface SuspendReport {
	/** Inference processes that ended. */
	readonly processes: number;
	/** Batch lanes that held work, those in models that stay included; 0 from a process too busy to tell. */
	readonly lanes: number;
	/** Tokens these had computed, which are lost. */
	readonly lostTokens: number;
	/** Those that go on until a live request is answered; they end then. */
	readonly staying: number;
}

/** A model that does not fit for the moment. */
export interface ShortOfMemory {
	readonly model: string;
	/** Tries so far, each with all it may settle for. */
	readonly attempts: number;
	readonly nextTryMs: number;
	/** What the last try said. */
	readonly message: string;
}
