/** Writes and removes the autostart file of a Linux desktop. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Where the file lies. Named as the menu's entry, so that desktops know both for one program. */
export function autostartPath(environment: Readonly<Record<string, string | undefined>>, home: string): string {
	const chosen = environment.XDG_CONFIG_HOME;
	// The specification has relative paths ignored.
	const config = chosen?.startsWith("/") === true ? chosen : join(home, ".config");
	return join(config, "autostart", "nightshift.desktop");
}

/** Has the file say this, whole or not at all; null removes it. Answers why it could not be done, in the system's words; null: it is so. */
export async function keepFile(path: string, content: string | null): Promise<string | null> {
	try {
		if (content === null) await rm(path, { force: true });
		else if ((await readOrNull(path)) !== content) await writeWhole(path, content);
		return null;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

/** Whether the file is there and no desktop's settings have switched it off, which they do by one of two keys. */
export async function isSwitchedOn(path: string): Promise<boolean> {
	const content = await readOrNull(path);
	return content !== null && !/^(?:Hidden *= *true|X-GNOME-Autostart-enabled *= *false) *$/m.test(content);
}

async function readOrNull(path: string): Promise<string | null> {
	try {
		return await readFile(path, "utf8");
	} catch {
		return null;
	}
}

async function writeWhole(path: string, content: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true, mode: 0o700 });
	const temporary = `${path}.${randomUUID()}`;
	try {
		const file = await open(temporary, "wx", 0o644);
		try {
			await file.writeFile(content);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, path);
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	}
}
