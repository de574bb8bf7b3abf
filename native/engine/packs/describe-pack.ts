/** From what is known of a pack to what people are told of it. Pure. */
import { assertNever } from "../../base/base.ts";
import type { Download, GpuPack, GpuPackList, GpuPackState } from "../../contract/contract.ts";
import { packNote } from "../process/protocol.ts";
import type { ResidentModel } from "../residency.ts";
import type { Pack } from "./pack-list.ts";
import type { Verdict } from "./trial.ts";

/** What is known of a pack. */
export interface PackFacts {
	readonly pack: Pack;
	/** GPUs that it would make faster, by name. */
	readonly gpus: readonly string[];
	readonly needs: string | null;
	readonly replaces: string | null;
	/** It is part of the program, as in a checkout with all its packages. */
	readonly isBundled: boolean;
	readonly isInstalled: boolean;
	readonly verdict: Verdict | null;
	/** On its way here; null: it is not. */
	readonly download: Download | null;
}

const TITLES = { cuda: "CUDA for NVIDIA" } as const;

/** The pack as others see it. */
export function describePack(facts: PackFacts): GpuPack {
	const { pack, gpus, needs, replaces } = facts;
	return {
		name: pack.name,
		title: TITLES[pack.name],
		version: pack.version,
		download_bytes: pack.downloadBytes,
		disk_bytes: pack.diskBytes,
		gpus: [...gpus],
		needs,
		replaces,
		state: stateOf(facts),
	};
}

function stateOf({ download, isInstalled, verdict, isBundled, gpus }: PackFacts): GpuPackState {
	if (download !== null) return onItsWay(download);
	if (isInstalled) {
		const words = verdict?.words ?? "It is tried out when a model is loaded.";
		return { kind: "installed", works: verdict?.works ?? null, words };
	}
	if (isBundled) return { kind: "not-needed", words: "It is part of this installation." };
	if (gpus.length === 0) return { kind: "not-needed", words: "No NVIDIA GPU is seen in this computer." };
	return { kind: "available" };
}

function onItsWay({ state, received_bytes, bytes_per_second, problem }: Download): GpuPackState {
	switch (state) {
		case "queued":
		case "running":
			return { kind: "downloading", received_bytes, bytes_per_second };
		case "paused":
			return { kind: "paused", received_bytes };
		case "checking":
		case "done":
			return { kind: "verifying" };
		case "failed":
			return { kind: "failed", words: problem ?? "It broke off. Fetch it again.", received_bytes };
		default:
			return assertNever(state);
	}
}

const BACKENDS = { cuda: "CUDA", vulkan: "Vulkan", metal: "Metal", none: "the processor" } as const;

/** What models run on, and why on nothing better. */
export function describeUse(models: readonly ResidentModel[], packs: readonly GpuPack[]): GpuPackList["in_use"] {
	const up = models.flatMap(({ state }) => (state.kind === "ready" ? [state.model] : []));
	const order = ["cuda", "metal", "vulkan", "none"] as const;
	const backend = order.find((one) => up.some(({ gpu }) => gpu === one)) ?? null;
	const names = up.filter(({ gpu }) => gpu === backend).map(({ source }) => source.name);
	const runs = backend === null ? "No model is in memory." : `${names.join(", ")} runs on ${BACKENDS[backend]}.`;
	const why = backend === "cuda" ? null : whyNoPack(packs, backend !== null);
	return { backend, words: why === null ? runs : `${runs} ${why}` };
}

function whyNoPack(packs: readonly GpuPack[], isUp: boolean): string | null {
	for (const { state, title } of packs) {
		if (state.kind === "installed" && state.works === false) return packNote(state.words);
		if (state.kind === "installed" && isUp) return `${title} is used from the next load on.`;
		if (state.kind === "available") return `${title} could be faster, and is not installed.`;
	}
	return null;
}
