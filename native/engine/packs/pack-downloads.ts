/** Fetches packs with the queue that models are fetched with: one at a time, resumable, kept across restarts. */
import { err, ok, type Result } from "../../base/base.ts";
import { createDownloadQueue, type DownloadQueue } from "../../models/downloads/download-queue.ts";
import type { DownloadLimits } from "../../models/downloads/downloads.ts";
import { createRecordStore, type DownloadRecord, newRecord, type RecordStore } from "../../models/downloads/record.ts";
import type { SettleDeps } from "../../models/downloads/settle.ts";
import type { FileKind, TransferFault } from "../../models/downloads/transfer.ts";
import { type Pack, packKey } from "./pack-list.ts";
import type { GpuPacksDeps } from "./packs.ts";
import { tarballName, tarballUrl } from "./registry.ts";
import type { PackShelf } from "./shelf.ts";
import { isWhole } from "./unpack.ts";

/** What fetching packs takes. */
export interface PackDownloadsDeps extends GpuPacksDeps {
	readonly shelf: PackShelf;
	readonly limits: DownloadLimits;
	readonly freeBytes: () => Promise<number>;
	/** Hears of a pack that is in its place. */
	readonly onDone: (pack: Pack) => void;
}

/** Tarballs are gzip files (RFC 1952), each with a checksum that came with the program. */
const tarballKind: FileKind = {
	beginning: Uint8Array.of(0x1f, 0x8b),
	otherwise: "What the npm registry sends is no package but something else, such as a web page. Check the connection.",
	isDigestKnown: true,
};

const GATED = "The npm registry wants to know who asks. Set NIGHTSHIFT_NPM_REGISTRY to one that does not.";

/** A pack that has not begun to come. Its reference is the pack's key. */
export function newPackRecord(pack: Pack, registryAddress: string, createdAtMs: number): DownloadRecord {
	const files = pack.parts.map((part) => ({
		url: tarballUrl(registryAddress, part, pack.version),
		fileName: tarballName(part, pack.version),
		sizeBytes: part.tarball_bytes,
		sha256: null,
	}));
	return newRecord(packKey(pack), files, createdAtMs);
}

/** Makes the queue; it has not begun. */
export function createPackDownloads(deps: PackDownloadsDeps): DownloadQueue {
	const { packs, shelf, limits } = deps;
	const packOf = ({ reference }: DownloadRecord) => packs.find((pack) => packKey(pack) === reference);
	const isTarball = (name: string) => /^[a-z0-9][a-z0-9.-]*\.tgz$/.test(name);
	const store = forgetful(createRecordStore(deps.gpuPackDownloadsDir, deps.log, isTarball), packOf);
	const queue = createDownloadQueue({
		...deps,
		store,
		web: { hubAddress: deps.registryAddress, hubToken: null, gatedWords: GATED, idleMs: limits.idleMs },
		fileKind: tarballKind,
		settling: {
			async check(record, settleDeps) {
				const pack = packOf(record);
				return pack === undefined ? strange() : checkTarballs(pack, record, settleDeps);
			},
			async place(record, { signal }) {
				const pack = packOf(record);
				if (pack === undefined) return strange();
				return shelf.place(
					pack,
					record.files.map((file) => store.partPath(record, file)),
					signal,
				);
			},
		},
		onDone(record) {
			queue.forgetDone(record.id);
			const pack = packOf(record);
			if (pack !== undefined) deps.onDone(pack);
		},
	});
	return queue;
}

/**
 * Compares each tarball, as it lies on the disk, with its checksum. One that is wrong is forgotten and fetched anew when asked. What is
 * right is not noted as such: it is compared again whenever it is to be unpacked.
 */
async function checkTarballs(
	pack: Pack,
	record: DownloadRecord,
	{ store, signal }: SettleDeps,
): Promise<Result<void, TransferFault>> {
	for (const [index, file] of record.files.entries()) {
		try {
			if (await isWhole(store.partPath(record, file), pack.parts[index]?.integrity ?? "", signal)) continue;
		} catch (error) {
			if (signal.aborted) return err({ kind: "stopped" });
			throw error;
		}
		file.syncedBytes = 0;
		file.validator = null;
		const problem = await store.save(record);
		const message = "What came is not the package that Nightshift knows: its checksum differs. Fetch it again.";
		return err({ kind: "failed", message: problem ?? message });
	}
	return ok(undefined);
}

/** Packs of an earlier version of the program are not gone on with. */
function forgetful(store: RecordStore, packOf: (record: DownloadRecord) => Pack | undefined): RecordStore {
	return {
		...store,
		async load() {
			const records = await store.load();
			for (const record of records) if (packOf(record) === undefined) await store.remove(record);
			return records.filter((record) => packOf(record) !== undefined);
		},
	};
}

/** Records without a pack are not taken up. */
function strange(): Result<void, TransferFault> {
	return err({ kind: "failed", message: "This pack is not one of this version of Nightshift. Cancel it." });
}
