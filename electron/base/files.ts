/** Small files that are replaced as a whole. */
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Virus scanners of Windows hold a file that was just written for a moment, and nothing can be renamed onto it. */
const MOST_RENAMES = 5;
const RENAME_PAUSE_MS = 50;

/**
 * Has a file say this; its folder is made. A reader finds the old file or the new one, whatever happens when: the new one is on the disk
 * before it takes the old one's name. `mode`: who may read it. Rejects with the system's error.
 */
export async function replaceFile(path: string, text: string, mode: 0o600 | 0o644): Promise<void> {
	await mkdir(dirname(path), { recursive: true, mode: 0o700 });
	const newPath = `${path}.new`;
	try {
		const file = await open(newPath, "w", mode);
		try {
			await file.writeFile(text);
			await file.sync();
		} finally {
			await file.close();
		}
		await renameOnto(newPath, path);
	} catch (error) {
		await rm(newPath, { force: true });
		throw error;
	}
	// Windows opens no folders, and keeps its names in a journal of its own.
	if (process.platform === "win32") return;
	const folder = await open(dirname(path), "r");
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

async function renameOnto(newPath: string, path: string): Promise<void> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await rename(newPath, path);
		} catch (error) {
			if (process.platform !== "win32" || attempt === MOST_RENAMES) throw error;
			await pause(RENAME_PAUSE_MS);
		}
	}
}
