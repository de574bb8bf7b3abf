/** Writes and removes the autostart file of a Linux desktop. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../base/base.ts";

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
		else if ((await readOrNull(path)) !== content) await replaceFile(path, content, 0o644);
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
