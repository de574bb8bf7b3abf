/** What else is done with the models folder: how much room is left beside it, and taking a model out of it. */
import { existsSync } from "node:fs";
import { rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { err, errorCode, ok, type Result, syncFolder } from "../base/base.ts";
import { modelPartPaths } from "./gguf-files.ts";
import type { ModelFile } from "./shelf.ts";

/** Bytes free on the disk of a folder, which need not exist yet. */
export async function bytesFree(folder: string): Promise<number> {
	let existing = folder;
	while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
	const { bavail, bsize } = await statfs(existing);
	return bavail * bsize;
}

/** Deletes a model of our own folder, all its parts, for good. Whoever calls sees to it that nobody uses it. */
export async function deleteModel(model: ModelFile): Promise<Result<void, { readonly message: string }>> {
	if (model.place !== "nightshift") throw new Error("Only models of our own folder are deleted");
	try {
		// The first part first: it is what makes the model appear.
		for (const path of modelPartPaths(model.path)) await rm(path, { force: true });
		await syncFolder(dirname(model.path));
		return ok(undefined);
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		return err({ message: `The file could not be deleted (${code}). Close what has it open, or delete it by hand.` });
	}
}
