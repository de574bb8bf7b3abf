/**
 * Requests of the machine's owner: the chat window, editors, scripts. Owns how many may wait, which model answers, and their
 * end when nobody waits for them any more. Must never know HTTP, and never decide when batch work rests (the scheduler does).
 */

import type { Result } from "../base/base.ts";
import type { EngineFailure, LoadedModel, LoadFailure, RunStart } from "../engine/engine.ts";
import type { Delta, EngineRequest, EngineResult } from "../engine/request.ts";
import type { ModelUse } from "../models/models.ts";

/** Why a live request gave no result. */
export type LiveFailure =
	| EngineFailure
	/** No model answers for that name; `message` lists those there are and what the owner's settings say of it. */
	| { readonly kind: "model-not-found"; readonly message: string }
	/** As many requests wait as may wait. */
	| { readonly kind: "queue-full"; readonly message: string; readonly retryAfterSeconds: number }
	/** The model is being loaded, and the request has waited for it as long as a request may. */
	| { readonly kind: "still-loading"; readonly message: string; readonly retryAfterSeconds: number }
	| { readonly kind: "load-failed"; readonly failure: LoadFailure };

/** Hears of a request while it runs. */
export interface LiveListener {
	/** The model that answers is known and the first part of the request entered a lane. */
	readonly onStart?: (start: RunStart) => void;
	/** `request` is the place among the requests of the one that grew. Only with this are pieces sent at all. */
	readonly onDelta?: (request: number, delta: Delta) => void;
}

/** What a live request came to. */
export interface LiveResult {
	readonly results: readonly EngineResult[];
}

/** The model that will answer a name. */
export interface LiveModel {
	/** Name the reply gives. */
	readonly name: string;
	/** Same file, same engine: same fingerprint. OpenAI's `system_fingerprint`. */
	readonly fingerprint: string;
}

/** How live requests are doing. */
export interface LiveStatus {
	readonly running: number;
	/** Waiting for their model. */
	readonly waiting: number;
	/** Most requests at once, running and waiting. */
	readonly limit: number;
}

/** A request that was let in, with its model in memory. End it with `end`, whatever happens. */
export interface LiveTurn {
	readonly model: LiveModel;
	readonly loaded: LoadedModel;
	/** Runs all requests together; the first failure is that of all and ends the others. */
	run(requests: readonly EngineRequest[], listener?: LiveListener): Promise<Result<LiveResult, LiveFailure>>;
	/** Length of each request's prompt in tokens. */
	count(requests: readonly EngineRequest[]): Promise<Result<readonly number[], LiveFailure>>;
	end(): void;
}

/** What a live request is for: answers in words, or vectors. */
export type LiveUse = Exclude<ModelUse, "batch">;

/** Serves the machine's owner. */
export interface Live {
	/**
	 * Lets a request for a model in: refuses at once when too many wait, loads the model when it is not in memory. `signal`
	 * ends the waiting and everything that is run in the turn. `use` says which of the owner's defaults stands in for a name that
	 * is not here.
	 */
	begin(model: string, use: LiveUse, signal: AbortSignal): Promise<Result<LiveTurn, LiveFailure>>;
	/** Model of requests that name none, by now: the owner's default may change; null: naming one is required. */
	defaultModel(use: LiveUse): string | null;
	readonly status: LiveStatus;
}
