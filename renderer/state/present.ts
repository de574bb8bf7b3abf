/** The present state of this machine, the others, its engine, its downloads and its GPU packs, each told by the service as a whole. */
import { create } from "zustand";
import type { Download, EngineEvent, GpuPackList, MachineStatus, MeshView } from "../../native/contract/contract.ts";

/** Null: not told yet. */
export interface PresentState {
	readonly machine: MachineStatus | null;
	readonly engine: EngineEvent | null;
	readonly downloads: readonly Download[] | null;
	readonly gpuPacks: GpuPackList | null;
	readonly mesh: MeshView | null;
}

/** The store. */
export const usePresent = create<PresentState>(() => ({
	machine: null,
	engine: null,
	downloads: null,
	gpuPacks: null,
	mesh: null,
}));
