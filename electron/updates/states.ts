/**
 * How far an update is: a pure machine of states, events and effects. Must never do anything itself.
 *
 * ```
 * idle ─check─▶ checking ─found─▶ (available ─download─▶) downloading ─downloaded─▶ ready ─install─▶ installing
 *   ▲              │ none                     any of these ─failed─▶ failed ─check─▶ checking
 *   └──────────────┘
 * ```
 */

/** How far it is. */
export type UpdatePhase =
	| { readonly kind: "idle"; readonly hasChecked: boolean }
	| { readonly kind: "checking" }
	/** Found, and not downloaded unasked. */
	| { readonly kind: "available"; readonly version: string }
	| { readonly kind: "downloading"; readonly version: string; readonly fraction: number }
	/** On this computer. `isArmed`: installed by itself as soon as no work would be lost. */
	| { readonly kind: "ready"; readonly version: string; readonly isArmed: boolean }
	| { readonly kind: "installing"; readonly version: string }
	| { readonly kind: "failed"; readonly message: string };

/** The machine. */
export interface UpdateState {
	readonly phase: UpdatePhase;
	/** Failures in a row. */
	readonly failures: number;
}

/** What happens. */
export type UpdateEvent =
	/** It is time, or somebody asked. */
	| { readonly kind: "check" }
	| { readonly kind: "none" }
	| { readonly kind: "found"; readonly version: string; readonly mayDownload: boolean }
	| { readonly kind: "download" }
	| { readonly kind: "progress"; readonly fraction: number }
	| { readonly kind: "downloaded"; readonly version: string }
	| { readonly kind: "arm"; readonly isArmed: boolean }
	| { readonly kind: "install" }
	| { readonly kind: "failed"; readonly message: string };

/** What is to be done. */
export type UpdateEffect = "check" | "download" | "install" | "retry-later";

/** Nothing known yet. */
export const initialUpdates: UpdateState = { phase: { kind: "idle", hasChecked: false }, failures: 0 };

/** First pause after a failure, doubled up to the longest: most are a network that is away for a moment, or a night. */
const FIRST_RETRY_MS = 15 * 60_000;
const LONGEST_RETRY_MS = 6 * 60 * 60_000;

/** Pause after so many failures in a row. */
export function retryAfterMs(failures: number): number {
	return Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1), LONGEST_RETRY_MS);
}

interface Step {
	readonly state: UpdateState;
	readonly effects: readonly UpdateEffect[];
}

/** What an event makes of the state. One that does not belong there changes nothing: answers may come late or twice. */
export function stepUpdates(state: UpdateState, event: UpdateEvent): Step {
	const { phase } = state;
	const stay: Step = { state, effects: [] };
	switch (event.kind) {
		case "check":
			return phase.kind === "idle" || phase.kind === "available" || phase.kind === "failed"
				? go(state, { kind: "checking" }, "check")
				: stay;
		case "none":
			return phase.kind === "checking" ? well({ kind: "idle", hasChecked: true }) : stay;
		case "found":
			return phase.kind === "checking" ? found(state, event) : stay;
		case "download":
			return phase.kind === "available"
				? go(state, { kind: "downloading", version: phase.version, fraction: 0 }, "download")
				: stay;
		case "progress":
			return phase.kind === "downloading" ? go(state, { ...phase, fraction: event.fraction }) : stay;
		case "downloaded":
			return phase.kind === "downloading" ? well({ kind: "ready", version: event.version, isArmed: false }) : stay;
		case "arm":
			return phase.kind === "ready" ? go(state, { ...phase, isArmed: event.isArmed }) : stay;
		case "install":
			return phase.kind === "ready" ? go(state, { kind: "installing", version: phase.version }, "install") : stay;
		case "failed":
			return fail(state, event.message);
		default:
			return event satisfies never;
	}
}

function found(state: UpdateState, { version, mayDownload }: { version: string; mayDownload: boolean }): Step {
	return mayDownload
		? go(state, { kind: "downloading", version, fraction: 0 }, "download")
		: well({ kind: "available", version });
}

function fail(state: UpdateState, message: string): Step {
	switch (state.phase.kind) {
		case "checking":
		case "downloading":
		case "installing":
			return { state: { phase: { kind: "failed", message }, failures: state.failures + 1 }, effects: ["retry-later"] };
		case "idle":
		case "available":
		case "ready":
		case "failed":
			return { state, effects: [] };
		default:
			return state.phase satisfies never;
	}
}

function go(state: UpdateState, phase: UpdatePhase, ...effects: readonly UpdateEffect[]): Step {
	return { state: { ...state, phase }, effects };
}

/** Something went well: failures of before don't count any more. */
function well(phase: UpdatePhase): Step {
	return { state: { phase, failures: 0 }, effects: [] };
}
