/** What a process that tries one backend is told and tells. Plain data; both sides import it, so it must never import node-llama-cpp. */
import type { PackModule } from "./protocol.ts";

/** Ways llama.cpp can compute. */
export const backendKinds = ["cuda", "vulkan", "metal", "cpu"] as const;
/** A way llama.cpp can compute. */
export type BackendKind = (typeof backendKinds)[number];

/** What came of loading it. */
export type ProbeAnswer =
	/** `devices`: names of the GPUs it can use, or of the processor. */
	| { readonly kind: "loads"; readonly devices: readonly string[]; readonly release: string }
	/** `packageName`: the one that brings it; null: it does not exist for this kind of computer. */
	| { readonly kind: "no-binary"; readonly packageName: string | null }
	/** The library of the GPU's driver is not on this computer. */
	| { readonly kind: "no-driver"; readonly message: string }
	| { readonly kind: "fails"; readonly message: string };

/** Packages outside the program, as the argument of such a process. */
export function writeModules(modules: readonly PackModule[]): string {
	return JSON.stringify(modules.map(({ name, folder }) => [name, folder]));
}

/** Reads what `writeModules` wrote. Both sides ship together, so it is taken at its word. */
export function readModules(argument: string | undefined): readonly PackModule[] {
	const pairs: readonly (readonly [string, string])[] = JSON.parse(argument ?? "[]");
	return pairs.map(([name, folder]) => ({ name, folder }));
}

/** Tells an answer from noise; both sides ship together, so a known envelope is proof enough. */
export function isProbeAnswer(value: unknown): value is ProbeAnswer {
	return typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
}
