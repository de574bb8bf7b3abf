/** What several rooms need of the file system. */
import { open } from "node:fs/promises";

/** The `code` of a system or SQLite error, e.g. `ENOENT`; empty when it has none. */
export function errorCode(error: unknown): string {
	return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Makes new names in a folder durable. Windows can't open folders and keeps its names in a journal of its own. */
export async function syncFolder(path: string): Promise<void> {
	if (process.platform === "win32") return;
	const folder = await open(path, "r");
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}
