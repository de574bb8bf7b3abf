/** Why a model may not come here. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { formatBytes } from "../../base/base.ts";
import type { DownloadFault, DownloadLimits } from "./downloads.ts";
import type { RemoteFile } from "./hub.ts";
import type { DownloadRecord } from "./record.ts";

/** What it depends on. */
export interface RefusalFacts {
	readonly modelsDir: string;
	/** All that are on their way. */
	readonly records: readonly DownloadRecord[];
	readonly freeBytes: number;
	readonly limits: DownloadLimits;
}

/** Null: these files may come. Nothing is overwritten, and nothing begun that the disk can't hold. */
export function refusalOf(files: readonly RemoteFile[], facts: RefusalFacts): DownloadFault | null {
	const { modelsDir, records, freeBytes, limits } = facts;
	if (records.length >= limits.open) return queueFull(limits);
	// File systems of Windows and macOS take `A.gguf` and `a.gguf` for the same.
	const coming = new Set(records.flatMap((record) => record.files.map(({ fileName }) => fileName.toLowerCase())));
	const taken = files.find(
		({ fileName }) => coming.has(fileName.toLowerCase()) || existsSync(join(modelsDir, fileName)),
	);
	if (taken !== undefined) {
		const message = `A model in a file named ${taken.fileName} is here or on its way. Delete that one first, or choose another.`;
		return { kind: "name-taken", message };
	}
	const needed = files.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
	if (freeBytes - needed >= limits.leastFreeBytes) return null;
	const sizes = `It takes ${formatBytes(needed)} of ${formatBytes(freeBytes)} that are free, and ${formatBytes(limits.leastFreeBytes)} have to stay free.`;
	return { kind: "disk-full", message: `${sizes} Make room on the disk of the models folder.` };
}

/** So many are on their way that none may join. */
export function queueFull({ open }: DownloadLimits): DownloadFault {
	return { kind: "queue-full", message: `There are ${open} downloads already. Let some end, or remove some.` };
}
