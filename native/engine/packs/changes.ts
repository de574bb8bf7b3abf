/** What people do to a pack: fetch it, stop that, take it away; or why not. */
import { mkdir } from "node:fs/promises";
import { err, formatBytes, ok, type Result } from "../../base/base.ts";
import type { GpuPack } from "../../contract/contract.ts";
import type { DownloadLimits } from "../../models/downloads/downloads.ts";
import type { DownloadRecord } from "../../models/downloads/record.ts";
import { isBusyOn, waitUntilLeft } from "./leaving.ts";
import { newPackRecord } from "./pack-downloads.ts";
import type { Pack } from "./pack-list.ts";
import type { PackView, PackViewDeps } from "./pack-view.ts";
import type { PackRefusal } from "./packs.ts";

/** What came of it: the pack as it is then. */
export type Changed = Result<GpuPack, PackRefusal>;

/** What changing packs takes. */
export interface ChangeDeps extends PackViewDeps {
	readonly view: PackView;
	readonly limits: DownloadLimits;
	readonly freeBytes: () => Promise<number>;
}

/** Begins, or goes on. */
export async function fetchPack(pack: Pack, deps: ChangeDeps): Promise<Changed> {
	const { view, queue } = deps;
	if (view.recordOf(pack) !== null) return changeDownload(pack, deps, queue.resume);
	const refusal = await refuseToFetch(pack, deps);
	if (refusal !== null) return err(refusal);
	await mkdir(deps.gpuPackDownloadsDir, { recursive: true, mode: 0o700 });
	// Another may have asked meanwhile; nothing is waited for between this look and entering.
	if (view.recordOf(pack) === null) {
		await queue.enter(newPackRecord(pack, deps.registryAddress, deps.clock.nowMs()));
	}
	return ok(view.describe(pack));
}

/** Does something to a pack that is on its way. */
export async function changeDownload(
	pack: Pack,
	{ view }: Pick<ChangeDeps, "view">,
	act: (record: DownloadRecord) => Promise<unknown>,
): Promise<Changed> {
	const record = view.recordOf(pack);
	if (record === null) return err({ kind: "wrong-state", message: "This pack is not being fetched." });
	await act(record);
	return ok(view.describe(pack));
}

/** Takes an installed one away. Models that are only kept in memory leave before: Windows does not let go of files that are loaded. */
export async function removePack(pack: Pack, deps: ChangeDeps): Promise<Changed> {
	const { shelf, view } = deps;
	if (shelf.modules(pack) === null) return err({ kind: "wrong-state", message: "This pack is not installed." });
	if (isBusyOn(deps.models())) {
		const message = "A model runs on it. Pause batch work, or wait until requests are answered, then remove the pack.";
		return err({ kind: "in-use", message });
	}
	deps.onChanged();
	await waitUntilLeft(deps.models);
	const removed = await shelf.remove(pack);
	return removed.ok ? ok(view.describe(pack)) : err({ kind: "failed", message: removed.error.message });
}

/** Null: it may be fetched. */
async function refuseToFetch(pack: Pack, { view, freeBytes, limits }: ChangeDeps): Promise<PackRefusal | null> {
	const { state } = view.describe(pack);
	if (state.kind === "not-needed") return { kind: "wrong-state", message: state.words };
	if (state.kind === "installed") return { kind: "wrong-state", message: "This pack is installed already." };
	// The tarballs lie beside what is unpacked from them.
	const neededBytes = pack.downloadBytes + pack.diskBytes;
	const free = await freeBytes();
	if (free - neededBytes >= limits.leastFreeBytes) return null;
	const message = `It takes ${formatBytes(neededBytes)} for a while, ${formatBytes(free)} are free, and ${formatBytes(limits.leastFreeBytes)} have to stay free. Make room on the disk of the data folder.`;
	return { kind: "disk-full", message };
}
