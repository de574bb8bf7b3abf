/** The cache of Hugging Face's tools: `models--owner--repository/snapshots/revision/…`, links into `blobs`. */
import { readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { errorCode } from "../../base/base.ts";
import { findModelFiles, listFolder, modelNameOf } from "../gguf-files.ts";
import type { ForeignModel, LookDeps } from "./foreign.ts";

/** Models of a cache folder. Of a file in several revisions the one of `main` counts, else the newest. */
export function findHuggingFaceModels(folder: string, deps: LookDeps): readonly ForeignModel[] {
	return listFolder(folder, deps.budget, deps.onFault)
		.filter((entry) => entry.isDirectory() && entry.name.startsWith("models--"))
		.flatMap((entry) => findInRepository(join(folder, entry.name), entry.name, deps));
}

function findInRepository(folder: string, folderName: string, deps: LookDeps): readonly ForeignModel[] {
	const repository = folderName.slice("models--".length).replaceAll("--", "/");
	const found = new Map<string, ForeignModel>();
	for (const snapshot of snapshots(folder, deps)) {
		for (const path of findModelFiles(snapshot, deps.budget, deps.onFault)) {
			const inside = relative(snapshot, path).split(sep);
			const name = modelNameOf(path);
			const longName = [repository, ...inside.slice(0, -1), name].join("/");
			const names = [name, `hugging-face/${name}`, `hugging-face/${longName}`];
			const file = inside.join("/");
			// The link keeps the file's name, and the parts of a split model lie beside it.
			if (!found.has(file)) found.set(file, { path, place: "hugging-face", names });
		}
	}
	return [...found.values()];
}

/** Folders of revisions, the one that counts first. */
function snapshots(folder: string, deps: LookDeps): readonly string[] {
	const root = join(folder, "snapshots");
	const main = readRevision(join(folder, "refs", "main"), deps);
	return listFolder(root, deps.budget, deps.onFault)
		.filter((entry) => entry.isDirectory())
		.map(({ name }) => {
			const changedAtMs = statSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
			return { name, changedAtMs: name === main ? Number.POSITIVE_INFINITY : changedAtMs };
		})
		.sort((one, other) => (one.changedAtMs === other.changedAtMs ? 0 : other.changedAtMs - one.changedAtMs))
		.map(({ name }) => join(root, name));
}

function readRevision(path: string, { onFault }: LookDeps): string | null {
	try {
		return readFileSync(path, "utf8").trim();
	} catch (error) {
		if (errorCode(error) !== "ENOENT") onFault(path, error);
		return null;
	}
}
