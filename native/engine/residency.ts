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
	 * requests never wait for batch users: what these hold beside them, or gives way.
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
	/** Ends all processes; users hear of it as `aborted`. */
	stop(): Promise<void>;
}
