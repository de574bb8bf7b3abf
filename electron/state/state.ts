/**
 * What the shell knows of the service: the one value that tray, notifications, updates and quitting look at. Owns the shape and
 * how events change it, pure; must never ask for anything.
 */
import type {
	BatchDetails,
	EngineEvent,
	MachineStatus,
	MeshView,
	SettingsValues,
} from "../../native/contract/contract.ts";

/** How it stands with the service's process. */
export type ServicePhase =
	| { readonly kind: "starting" }
	| { readonly kind: "up"; readonly url: string; readonly version: string }
	/** It ended by itself and is started again after a pause. */
	| { readonly kind: "restarting"; readonly attempt: number; readonly delayMs: number }
	/** It is not started again until somebody says so; `message` says why, in words. */
	| { readonly kind: "given-up"; readonly message: string }
	| { readonly kind: "stopped" };

/** How far a batch was at a moment. */
export interface ProgressPoint {
	/** Unix milliseconds. */
	readonly atMs: number;
	/** Lines that were run; not those whose answers were taken over. */
	readonly lines: number;
}

/** What the shell knows of the service. Of a service that is not up: what was known last. */
export interface ShellState {
	readonly service: ServicePhase;
	/** By id: the newest two hundred, and all that are not ended. */
	readonly batches: ReadonlyMap<string, BatchDetails>;
	/** By id: how far batches that are not ended were in the last half minute, oldest first; a rate is made from it. */
	readonly progress: ReadonlyMap<string, readonly ProgressPoint[]>;
	readonly machine: MachineStatus | null;
	/** Null again as soon as a service is started anew. */
	readonly engine: EngineEvent | null;
	/** What the owner chose. */
	readonly settings: SettingsValues | null;
	/** The machines that belong together; null again as soon as a service is started anew. */
	readonly mesh: MeshView | null;
}

/** Before anything is known. */
export const initialState: ShellState = {
	service: { kind: "starting" },
	batches: new Map(),
	progress: new Map(),
	machine: null,
	engine: null,
	settings: null,
	mesh: null,
};
