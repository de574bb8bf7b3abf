/** Reads the small text files in which the kernel tells about the computer. What isn't there, or can't be read now, is null. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { errorCode } from "../../base/base.ts";

/** Reads a file here and now: for /proc, which is answered out of memory, and cheaper so than by a thread. */
export function readNow(path: string): string | null {
	return orNull(() => readFileSync(path, "utf8"));
}

/** Reads a file on another thread: for /sys, where a driver may have to ask its device first. */
export async function readSoon(path: string): Promise<string | null> {
	return await readFile(path, "utf8").catch(nullIfSystem);
}

/** As `readSoon`, a number; null where the file has none. */
export async function readNumber(path: string): Promise<number | null> {
	return numberIn(await readSoon(path));
}

/** Names in a folder; empty where there is none. */
export function listNow(path: string): readonly string[] {
	return orNull(() => readdirSync(path)) ?? [];
}

/** Where a link leads, as written in it. */
export function linkNow(path: string): string | null {
	return orNull(() => readlinkSync(path));
}

/** The number that a text is; null: it is none. */
export function numberIn(text: string | null): number | null {
	const trimmed = text?.trim() ?? "";
	const number = Number(trimmed);
	return trimmed === "" || !Number.isFinite(number) ? null : number;
}

function orNull<T>(read: () => T): T | null {
	try {
		return read();
	} catch (error) {
		return nullIfSystem(error);
	}
}

/** Gone, not ours to read, device asleep or broken: all the same here. Anything but the system's word is a bug. */
function nullIfSystem(error: unknown): null {
	if (errorCode(error) === "") throw error;
	return null;
}
