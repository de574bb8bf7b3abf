/** Brings up the native library with the best backend there is, GPU packs included, and says why a pack is not the one. */
import { getLlama, type Llama, LlamaLogLevel } from "node-llama-cpp";
import { probeBackend } from "../backends.ts";
import { bindPackModules } from "./pack-modules.ts";
import { type NativeOptions, packNote } from "./protocol.ts";

/** A library that is up. */
export interface Started {
	readonly llama: Llama;
	/** What people should know of how it came up; null: nothing. */
	readonly note: string | null;
}

/**
 * Takes CUDA from a pack where there is one. It is asked for by its name: left to itself node-llama-cpp tries CUDA only where it finds
 * NVIDIA's libraries in folders that it knows (dist/bindings/utils/detectAvailableComputeLayers.js), and says nothing when it does not.
 */
export async function startLlama(
	{ gpu, packs = { modules: [], note: null } }: NativeOptions,
	logger: (level: LlamaLogLevel, message: string) => void,
): Promise<Started> {
	const options = {
		build: "never",
		progressLogs: false,
		// Passes come one at a time, so nothing is to be divided between contexts; each brings its own number.
		maxThreads: 0,
		logLevel: LlamaLogLevel.warn,
		logger,
	} as const;
	// Who asked for one backend gets that one, or none.
	if (gpu !== "auto") return { llama: await getLlama({ ...options, gpu }), note: null };
	const { modules, note } = packs;
	if (modules.length === 0) return { llama: await getLlama({ ...options, gpu }), note };
	bindPackModules(modules);
	try {
		return { llama: await getLlama({ ...options, gpu: "cuda" }), note };
	} catch (error) {
		logger(LlamaLogLevel.warn, `CUDA from a pack: ${error instanceof Error ? error.message : String(error)}`);
	}
	const { detail } = await probeBackend("cuda", { packs: modules });
	const llama = await getLlama({ ...options, gpu: { type: "auto", exclude: ["cuda"] } });
	return { llama, note: packNote(detail) };
}
