/** What a process that tries one backend tells. Plain data; both sides import it, so it must never import node-llama-cpp. */

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

/** Tells an answer from noise; both sides ship together, so a known envelope is proof enough. */
export function isProbeAnswer(value: unknown): value is ProbeAnswer {
	return typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
}
