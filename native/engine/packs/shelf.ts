/** Packs that are here: which folder holds one, putting one in its place and taking it away, so that no half of one is ever used. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { err, errorCode, type Log, ok, parseJson, type Result, syncFolder } from "../../base/base.ts";
import type { TransferFault } from "../../models/downloads/transfer.ts";
import type { PackModule } from "../process/protocol.ts";
import { type Pack, packKey, partName } from "./pack-list.ts";
import { unpack } from "./unpack.ts";

/** Tells what a folder holds; written last, and renamed with it. */
const MARKER = "pack.json";
const markerSchema = z.object({
	version: z.literal(1),
	pack: z.string(),
	parts: z.array(z.object({ package: z.string(), integrity: z.string() })),
});

/** Between the name of a pack and a random one: a folder that is being written or removed, and never used. */
const UNFINISHED = ".partial-";

/** Packs on the disk. */
export interface PackShelf {
	/** The packages of a pack that is here whole; null: it is not. */
	modules(pack: Pack): readonly PackModule[] | null;
	/** Version of another, older or newer, one of this name that is here; null: none. */
	otherVersion(pack: Pack): Promise<string | null>;
	/** Unpacks tarballs, one for each part, and puts the pack in its place in one step. Other versions of it go. */
	place(pack: Pack, tarballPaths: readonly string[], signal: AbortSignal): Promise<Result<void, TransferFault>>;
	/** Takes all versions of a pack away. */
	remove(pack: Pack): Promise<Result<void, { readonly message: string }>>;
	/** Removes what a kill left behind, as far as it can be. */
	clean(): Promise<void>;
}

/** Packs in a folder, which need not exist. */
export function createPackShelf(folder: string, log: Log): PackShelf {
	const placeOf = (pack: Pack) => join(folder, packKey(pack));
	const unfinished = (name: string) => join(folder, `${name}${UNFINISHED}${randomUUID()}`);

	function modules(pack: Pack): readonly PackModule[] | null {
		const place = placeOf(pack);
		const found = pack.parts.map((part) => ({ name: part.package, folder: join(place, partName(part)) }));
		const isHere = isMarkedAs(pack, join(place, MARKER));
		return isHere && found.every((part) => existsSync(join(part.folder, "package.json"))) ? found : null;
	}

	async function discard(name: string): Promise<void> {
		// Renamed first: a kill between two of its files must not leave a folder that looks whole.
		const aside = name.includes(UNFINISHED) ? join(folder, name) : unfinished(name);
		if (!name.includes(UNFINISHED)) await move(join(folder, name), aside);
		await rm(aside, { recursive: true, force: true });
	}

	/** Nobody uses it, so it may also stay. */
	async function tryToDiscard(name: string): Promise<void> {
		try {
			await discard(name);
		} catch (error) {
			log.warn({ name, code: codeOf(error) }, "a folder of GPU packs could not be removed");
		}
	}

	return {
		modules,
		async otherVersion(pack) {
			const names = await namesIn(folder, pack);
			return names.find((name) => name !== packKey(pack))?.slice(pack.name.length + 1) ?? null;
		},
		async place(pack, tarballPaths, signal) {
			if (modules(pack) !== null) return ok(undefined);
			const partial = unfinished(packKey(pack));
			try {
				await mkdir(partial, { recursive: true, mode: 0o700 });
				for (const [index, part] of pack.parts.entries()) {
					const tarball = { path: tarballPaths[index] ?? "", integrity: part.integrity };
					const unpacked = await unpack(tarball, join(partial, partName(part)), signal);
					if (!unpacked.ok) return unpacked;
				}
				await writeMarker(pack, join(partial, MARKER));
				await syncFolder(partial);
				if (existsSync(placeOf(pack))) await discard(packKey(pack));
				await move(partial, placeOf(pack));
				await syncFolder(folder);
				// It is in its place; what can't be removed now is told as another version and goes with the next.
				for (const name of await namesIn(folder, pack)) if (name !== packKey(pack)) await tryToDiscard(name);
				return ok(undefined);
			} catch (error) {
				return err({
					kind: "failed",
					message: `The pack could not be put in its place (${codeOf(error)}). Try again.`,
				});
			} finally {
				await rm(partial, { recursive: true, force: true });
			}
		},
		async remove(pack) {
			try {
				for (const name of await namesIn(folder, pack)) await discard(name);
				return ok(undefined);
			} catch (error) {
				// Windows keeps files that a process has loaded.
				const message = `The pack could not be removed (${codeOf(error)}). Stop what has it open, then try again.`;
				return err({ message });
			}
		},
		async clean() {
			for (const name of await listNames(folder)) if (name.includes(UNFINISHED)) await tryToDiscard(name);
		},
	};
}

/** Scanners for viruses look at new libraries, and Windows renames no folder meanwhile: a second or two. */
const RENAME_TRIES = 15;
const RENAME_WAIT_MS = 200;

async function move(from: string, to: string): Promise<void> {
	for (let triesLeft = RENAME_TRIES; ; triesLeft--) {
		try {
			return await rename(from, to);
		} catch (error) {
			if (triesLeft <= 1 || !["EPERM", "EACCES", "EBUSY"].includes(errorCode(error))) throw error;
			await wait(RENAME_WAIT_MS);
		}
	}
}

function isMarkedAs(pack: Pack, path: string): boolean {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (errorCode(error) === "") throw error;
		return false;
	}
	const marker = markerSchema.safeParse(parseJson(text));
	const wanted = pack.parts.map((part) => ({ package: part.package, integrity: part.integrity }));
	return marker.success && marker.data.pack === packKey(pack) && isSame(marker.data.parts, wanted);
}

function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}

async function writeMarker(pack: Pack, path: string): Promise<void> {
	const parts = pack.parts.map((part) => ({ package: part.package, integrity: part.integrity }));
	const file = await open(path, "wx", 0o600);
	try {
		await file.writeFile(`${JSON.stringify({ version: 1, pack: packKey(pack), parts }, null, "\t")}\n`);
		await file.sync();
	} finally {
		await file.close();
	}
}

/** Folders of a pack, of whatever version. */
async function namesIn(folder: string, { name }: Pack): Promise<readonly string[]> {
	const names = await listNames(folder);
	return names.filter((one) => one.startsWith(`${name}@`) && !one.includes(UNFINISHED));
}

async function listNames(folder: string): Promise<readonly string[]> {
	try {
		return await readdir(folder);
	} catch (error) {
		if (errorCode(error) !== "ENOENT") throw error;
		return [];
	}
}

/** Of an error of the system; anything else is a bug. */
function codeOf(error: unknown): string {
	const code = errorCode(error);
	if (code === "") throw error;
	return code;
}
