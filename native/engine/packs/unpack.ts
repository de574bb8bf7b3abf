/** From a tarball on the disk to files on the disk: compares its checksum, then unpacks it, and trusts nothing of what is in it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { err, errorCode, ok, type Result, syncFolder } from "../../base/base.ts";
import type { TransferFault } from "../../models/downloads/transfer.ts";
import { readTar, TarFault, type TarLimits } from "./tar.ts";

/** Packages of node-llama-cpp have some twenty files, of some hundred megabytes: an archive beyond that was made to do harm. */
export const tarLimits: TarLimits = { files: 200, bytes: 2 * 2 ** 30 };

/** Bytes read at once. */
const READ_BYTES = 1 << 20;

/** Whether a file is the one its checksum (`sha512-…`, base64) says. */
export async function isWhole(path: string, integrity: string, signal: AbortSignal): Promise<boolean> {
	const hash = createHash("sha512");
	await pipeline(createReadStream(path, { highWaterMark: READ_BYTES }), hash, { signal });
	return `sha512-${hash.digest("base64")}` === integrity;
}

/**
 * Unpacks a tarball into a folder that must not exist yet; all of it is safe on the disk when it resolves. What was unpacked is
 * compared with the checksum once more: nobody may use the folder unless this answers that all is well.
 */
export async function unpack(
	tarball: { readonly path: string; readonly integrity: string },
	folder: string,
	signal: AbortSignal,
	limits: TarLimits = tarLimits,
): Promise<Result<void, TransferFault>> {
	const hash = createHash("sha512");
	const source = createReadStream(tarball.path, { highWaterMark: READ_BYTES });
	source.on("data", (chunk) => void hash.update(chunk));
	const unzipped = createGunzip();
	const unzipping = pipeline(source, unzipped, { signal });
	try {
		// Its failure shows in what is read; nobody else waits for it then.
		unzipping.catch(() => undefined);
		await writeFiles(unzipped, folder, limits);
		unzipped.resume();
		await unzipping;
	} catch (error) {
		source.destroy();
		unzipped.destroy();
		if (signal.aborted) return err({ kind: "stopped" });
		return err({ kind: "failed", message: whyNot(error) });
	}
	if (`sha512-${hash.digest("base64")}` === tarball.integrity) return ok(undefined);
	return err({ kind: "failed", message: "What has come changed on the disk. Fetch it again." });
}

async function writeFiles(archive: AsyncIterable<Uint8Array>, folder: string, limits: TarLimits): Promise<void> {
	const folders = new Set([folder]);
	await mkdir(folder, { mode: 0o700 });
	for await (const { path, pieces } of readTar(archive, limits)) {
		const target = join(folder, ...path);
		for (let parent = dirname(target); !folders.has(parent); parent = dirname(parent)) folders.add(parent);
		await mkdir(dirname(target), { recursive: true, mode: 0o700 });
		const file = await open(target, "wx", 0o600);
		try {
			for await (const piece of pieces) await file.write(piece);
			await file.sync();
		} finally {
			await file.close();
		}
	}
	// Names are safe once their folder is.
	for (const made of folders) await syncFolder(made);
}

function whyNot(error: unknown): string {
	if (error instanceof TarFault) return `The archive is not unpacked: ${error.message}.`;
	const code = errorCode(error);
	if (code === "") throw error;
	if (code.startsWith("Z_")) return `The archive is not unpacked: it is damaged (${code}).`;
	if (["ENOSPC", "EDQUOT"].includes(code)) return "The disk is full. Free some space, then fetch it again.";
	return `It could not be unpacked (${code}). Fetch it again.`;
}
