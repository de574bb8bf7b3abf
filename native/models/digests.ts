import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { errorCode, type Log } from "../base/base.ts";

/** Remembers the SHA-256 of large files. */
export interface DigestCache {
	/** Hex SHA-256 of the file's bytes. Rejects when the file can't be read. */
	digest(path: string): Promise<string>;
}

const cacheSchema = z.record(
	z.string(),
	z.object({ sizeBytes: z.number(), modifiedAtMs: z.number(), digest: z.string().regex(/^[0-9a-f]{64}$/) }),
);

/** Entries kept: more models than anybody has on one machine; the file stays below 300 KB. */
const MOST_ENTRIES = 1_000;

/** Opens the cache file; a missing or damaged one only costs hashing again. */
export function createDigestCache(cachePath: string, log: Log): DigestCache {
	const entries = new Map(Object.entries(readCache(cachePath, log)));
	const running = new Map<string, Promise<string>>();

	async function measure(path: string): Promise<string> {
		const { size: sizeBytes, mtimeMs: modifiedAtMs } = statSync(path);
		const known = entries.get(path);
		if (known && known.sizeBytes === sizeBytes && known.modifiedAtMs === modifiedAtMs) return known.digest;
		const hash = createHash("sha256");
		await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
		const digest = hash.digest("hex");
		entries.delete(path);
		entries.set(path, { sizeBytes, modifiedAtMs, digest });
		for (const oldest of [...entries.keys()].slice(0, Math.max(0, entries.size - MOST_ENTRIES))) entries.delete(oldest);
		writeCache(cachePath, Object.fromEntries(entries));
		return digest;
	}

	return {
		digest(path) {
			const started = running.get(path);
			if (started) return started;
			const promise = measure(path).finally(() => running.delete(path));
			running.set(path, promise);
			return promise;
		},
	};
}

function readCache(cachePath: string, log: Log): z.infer<typeof cacheSchema> {
	try {
		return cacheSchema.parse(JSON.parse(readFileSync(cachePath, "utf8")));
	} catch (error) {
		if (errorCode(error) !== "ENOENT")
			log.warn({ cachePath, reason: String(error) }, "model digests are made anew: their file can't be read");
		return {};
	}
}

/** Written beside and renamed, so that a kill leaves the old file or the new one. */
function writeCache(cachePath: string, content: object): void {
	mkdirSync(dirname(cachePath), { recursive: true });
	const temporaryPath = `${cachePath}.new`;
	writeFileSync(temporaryPath, `${JSON.stringify(content, null, "\t")}\n`);
	renameSync(temporaryPath, cachePath);
}
