/** What comes after trouble: another try, and when, or giving up. Pure. */
import type { ChildExit } from "./child.ts";
import type { EngineState, LoadFailure, ModelSource } from "./engine.ts";

/** What an engine in trouble can become. */
export type AfterTrouble = Extract<EngineState, { kind: "restarting" | "failed" }>;

/** Wait before the second restart; each further one doubles it. The first is immediate: most deaths are one line's doing. */
const FIRST_RESTART_WAIT_MS = 1_000;
/** A machine that can't hold the model right now is asked again this often. */
const LONGEST_RESTART_WAIT_MS = 30_000;

/** How long to wait before a restart; `attempt` counts from 1. */
export function restartWaitMs(attempt: number): number {
	return attempt === 1 ? 0 : Math.min(FIRST_RESTART_WAIT_MS * 2 ** (attempt - 2), LONGEST_RESTART_WAIT_MS);
}

/** After the process died: a model that was up once is brought up again, one that never was is taken to be the cause. */
export function afterDeath(state: EngineState, source: ModelSource, exit: ChildExit): AfterTrouble {
	if (state.kind !== "loading") return nextAttempt(state, source);
	const where = `${source.name} (${source.path})`;
	const message = `The inference process died while loading ${where}: the file may be damaged or the memory too small. ${exit.detail}`;
	return { kind: "failed", failure: { kind: "process-died", message } };
}

/** After a load that failed. On a restart memory may come free again; a file that is gone or bad stays so. */
export function afterLoadFailure(
	state: EngineState,
	source: ModelSource,
	failure: LoadFailure,
	nowMs: number,
): AfterTrouble {
	if (state.kind !== "restarting" || failure.kind !== "out-of-memory") return { kind: "failed", failure };
	const next = nextAttempt(state, source);
	return { ...next, outOfMemory: { message: failure.message, nextTryMs: nowMs + restartWaitMs(next.attempt) } };
}

function nextAttempt(state: EngineState, source: ModelSource): Extract<AfterTrouble, { kind: "restarting" }> {
	return { kind: "restarting", source, attempt: state.kind === "restarting" ? state.attempt + 1 : 1 };
}
