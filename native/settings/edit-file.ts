/** Changes small files that more than one process writes, such that a reader finds the old content or the new one. */
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { err, errorCode, ok, type Result, syncFolder } from "../base/base.ts";

/** Why a file could not be changed. The message names no path. */
export interface FileFault {
	readonly kind: "busy" | "not-written";
	readonly message: string;
}

/** Of a data folder that is not there yet: what is in it is nobody else's business. */
const OWNER_ONLY = 0o700;
/** How often another writer's lock is looked at. */
const LOCK_POLL_MS = 10;
/** How many times: 5 seconds in all. Writing takes milliseconds, on a busy disk a second. */
const LOCK_POLLS = 500;
/** Age at which a lock is taken for what a killed process left: twice the longest that a living one is waited for. */
const STALE_LOCK_MS = 10_000;

/**
 * Replaces a file's content by what `edit` makes of the present one (null: there is no file), on disk when it resolves,
 * readable by the owner only. As git does it: the new content is written into `<path>.lock`, whose existence keeps other
 * writers out, and that is renamed onto the file.
 */
export async function editFile<E>(
	path: string,
	edit: (content: string | null) => Result<string, E>,
): Promise<Result<void, E | FileFault>> {
	const lockPath = `${path}.lock`;
	try {
		await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY });
		const lock = await takeLock(lockPath);
		if (lock === null) {
			return err({ kind: "busy", message: "Another program is writing the file; try again in a moment." });
		}
		return await writeThrough(lock, lockPath, path, edit);
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		return err({ kind: "not-written", message: `The file could not be written (${code}).` });
	}
}

async function writeThrough<E>(
	lock: FileHandle,
	lockPath: string,
	path: string,
	edit: (content: string | null) => Result<string, E>,
): Promise<Result<void, E>> {
	let isRenamed = false;
	try {
		const edited = edit(await readIfThere(path));
		if (!edited.ok) return edited;
		await lock.writeFile(edited.value);
		await lock.sync();
		await lock.close();
		await rename(lockPath, path);
		isRenamed = true;
		await syncFolder(dirname(path));
		return ok(undefined);
	} finally {
		if (!isRenamed) {
			await lock.close();
			await rm(lockPath, { force: true });
		}
	}
}

async function takeLock(lockPath: string): Promise<FileHandle | null> {
	for (let polls = 0; polls < LOCK_POLLS; ) {
		try {
			return await open(lockPath, "wx", 0o600);
		} catch (error) {
			if (errorCode(error) !== "EEXIST") throw error;
		}
		polls += 1;
		if (await isStale(lockPath)) await rm(lockPath, { force: true });
		else await setTimeout(LOCK_POLL_MS);
	}
	return null;
}

async function isStale(lockPath: string): Promise<boolean> {
	try {
		return Date.now() - (await stat(lockPath)).mtimeMs > STALE_LOCK_MS;
	} catch (error) {
		if (errorCode(error) !== "ENOENT") throw error;
		return false;
	}
}

async function readIfThere(path: string): Promise<string | null> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		if (errorCode(error) !== "ENOENT") throw error;
		return null;
	}
}
