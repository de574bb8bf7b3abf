/** What there is to know of a pack at this moment, gathered for those who are told of it. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { GpuPack } from "../../contract/contract.ts";
import type { DownloadQueue } from "../../models/downloads/download-queue.ts";
import type { DownloadRecord } from "../../models/downloads/record.ts";
import { describePack } from "./describe-pack.ts";
import { findCudaRuntimes, gpusFor, needsOf } from "./fitting.ts";
import { type Pack, packKey } from "./pack-list.ts";
import type { GpuPacksDeps } from "./packs.ts";
import type { PackShelf } from "./shelf.ts";
import type { Trial } from "./trial.ts";

/** Tells of packs. */
export interface PackView {
	describe(pack: Pack): GpuPack;
	/** The pack on its way here; null: it is not. */
	recordOf(pack: Pack): DownloadRecord | null;
	/** Looks for other versions on the disk; what was seen last is told. */
	lookForOthers(): Promise<void>;
}

/** What the view looks at. */
export interface PackViewDeps extends GpuPacksDeps {
	readonly shelf: PackShelf;
	readonly queue: DownloadQueue;
	readonly trial: Trial;
}

/** Folders of libraries are looked through again after so long: who has installed them looks at the page again. */
const RUNTIMES_KEPT_MS = 30_000;

/** Makes the view. */
export function createPackView(deps: PackViewDeps): PackView {
	const { packs, shelf, queue, trial } = deps;
	const bundled = new Set(packs.filter((pack) => isBundled(pack, deps)).map(packKey));
	const others = new Map<string, string | null>();
	const runtimes = createRuntimeLook(deps);
	const recordOf = (pack: Pack) => queue.records.find(({ reference }) => reference === packKey(pack)) ?? null;
	return {
		recordOf,
		describe(pack) {
			const snapshot = deps.snapshot();
			const gpus = gpusFor(snapshot);
			const record = recordOf(pack);
			return describePack({
				pack,
				gpus,
				needs: gpus.length === 0 ? null : needsOf(snapshot, runtimes()),
				replaces: others.get(packKey(pack)) ?? null,
				isBundled: bundled.has(packKey(pack)),
				isInstalled: shelf.modules(pack) !== null,
				verdict: trial.verdict,
				download: record === null ? null : queue.describe(record),
			});
		},
		async lookForOthers() {
			for (const pack of packs) others.set(packKey(pack), await shelf.otherVersion(pack));
		},
	};
}

/** Whether the pack's first part, which brings the backend, is part of the program. */
function isBundled({ parts }: Pack, deps: GpuPacksDeps): boolean {
	const [first] = parts;
	return first !== undefined && (deps.isBundled ?? isPackageHere)(first.package);
}

function isPackageHere(name: string): boolean {
	const require = createRequire(import.meta.url);
	try {
		require.resolve(name, { paths: [dirname(require.resolve("node-llama-cpp"))] });
		return true;
	} catch {
		// Not installed, which is an answer.
		return false;
	}
}

function createRuntimeLook({ cudaRuntimes, clock }: GpuPacksDeps): () => readonly number[] {
	const look = cudaRuntimes ?? (() => findCudaRuntimes(process.env, process.platform));
	let seen: { readonly versions: readonly number[]; readonly atMs: number } | null = null;
	return () => {
		const nowMs = clock.monotonicMs();
		if (seen === null || nowMs - seen.atMs >= RUNTIMES_KEPT_MS) seen = { versions: look(), atMs: nowMs };
		return seen.versions;
	};
}
