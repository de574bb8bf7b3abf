/** Downloads over a temporary folder, and waiting for what becomes of them. Must never be imported by the product. */
import { join } from "node:path";
import { silentLog, systemClock } from "../../base/base.ts";
import { createDownloads } from "./create-downloads.ts";
import type { DownloadLimits, Downloads, DownloadsDeps } from "./downloads.ts";

/** What a test may choose. */
export type DownloadsWish = Partial<DownloadsDeps> & { readonly with?: Partial<DownloadLimits> };

/** Opens downloads into `models` below a folder, with limits fit for small files and no patience. */
export async function openDownloads(folder: string, hubAddress: string, wish: DownloadsWish = {}): Promise<Downloads> {
	const modelsDir = join(folder, "models");
	const downloads = createDownloads({
		modelsDir,
		modelDownloadsDir: join(modelsDir, ".downloads"),
		hubAddress,
		hubToken: null,
		onDigest() {},
		clock: systemClock,
		log: silentLog,
		...wish,
		limits: { leastFreeBytes: 0, syncBytes: 32_768, firstWaitMs: 1, longestWaitMs: 2, tellMs: 0, ...wish.with },
	});
	await downloads.start();
	return downloads;
}

/** Resolves when one of the downloads is in a state. */
export function reached(downloads: Downloads, ...states: readonly string[]): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	const look = () => {
		if (downloads.list().some(({ state }) => states.includes(state))) resolve();
	};
	const end = downloads.watch(look);
	look();
	return promise.finally(end);
}

/** Resolves when one of the downloads is done or has failed. */
export function ended(downloads: Downloads): Promise<void> {
	return reached(downloads, "done", "failed");
}

/** Begins a download and answers its id. */
export async function begin(downloads: Downloads, reference = "hf:owner/model"): Promise<string> {
	const added = await downloads.add(reference);
	if (!added.ok) throw new Error(added.error.message);
	return added.value.id;
}
