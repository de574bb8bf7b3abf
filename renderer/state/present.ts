/** The present state of this machine, its engine and its downloads, each told by the service as a whole. */
import { create } from "zustand";
import type { Download, EngineEvent, MachineStatus } from "../../native/contract/contract.ts";

/** Null: not told yet. */
export interface PresentState {
	readonly machine: MachineStatus | null;
	readonly engine: EngineEvent | null;
	readonly downloads: readonly Download[] | null;
}

/** The store. */
export const usePresent = create<PresentState>(() => ({ machine: null, engine: null, downloads: null }));
