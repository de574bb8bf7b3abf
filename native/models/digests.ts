import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readFileSync, renameSync, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { errorCode, type Log } from "../base/base.ts";

/** Remembers the SHA-256 of large files. */
export interface DigestCache {
	/** Hex SHA-256 of the file's bytes. Rejects when the file can't be read. */
	digest(path: string): Promise<string>;
	/** The same where it is known without reading the file; null: it is not. */
	known(path: string): string | null;
	/** Takes over what somebody else has just measured: a download knows the digest of what it wrote. */
	remember(path: string, digest: string): void;
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

	function lookUp(path: string, facts: Stats | undefined): string | null {
		const entry = entries.get(path);
		const isSame = entry?.sizeBytes === facts?.size && entry?.modifiedAtMs === facts?.mtimeMs;
		return entry !== undefined && isSame ? entry.digest : null;
	}

	function keep(path: string, { size: sizeBytes, mtimeMs: modifiedAtMs }: Stats, digest: string): void {
		entries.delete(path);
		entries.set(path, { sizeBytes, modifiedAtMs, digest });
		for (const oldest of [...entries.keys()].slice(0, Math.max(0, entries.size - MOST_ENTRIES))) entries.delete(oldest);
		writeCache(cachePath, Object.fromEntries(entries));
	}

	async function measure(path: string): Promise<string> {
		const facts = statSync(path);
		const known = lookUp(path, facts);
		if (known !== null) return known;
		const hash = createHash("sha256");
		await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
		const digest = hash.digest("hex");
		keep(path, facts, digest);
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
		known: (path) => lookUp(path, statSync(path, { throwIfNoEntry: false })),
		remember: (path, digest) => keep(path, statSync(path), digest),
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
