/** GGUF files in folders: which names are models, which files belong together, and looking through folders within bounds. */
import { closeSync, type Dirent, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { errorCode } from "../base/base.ts";

const partPattern = /-(\d{5})-of-(\d{5})\.gguf$/i;

/** A split model has fewer parts than this; bounds what a made-up name lets us look for. */
const MOST_PARTS = 1_000;

/** What a look through folders may still read; shared by several looks. */
export interface LookBudget {
	entriesLeft: number;
}

/** Folders below folders: LM Studio and Hugging Face need four at most. */
const DEEPEST = 6;

/**
 * Whether a file name is that of a model. Of a split model only the first part is: loading it loads the rest. Projectors of
 * vision models and importance matrices are GGUF files too, but no models.
 */
export function isModelFileName(fileName: string): boolean {
	if (!/\.gguf$/i.test(fileName) || /mmproj|imatrix/i.test(fileName)) return false;
	const part = partPattern.exec(fileName);
	return part === null || Number(part[1]) === 1;
}

/** Paths of all files of a model, by the path of its first: one, unless it is split. */
export function modelPartPaths(path: string): readonly string[] {
	const fileName = basename(path);
	const total = Number(partPattern.exec(fileName)?.[2] ?? 1);
	if (total <= 1 || total > MOST_PARTS) return [path];
	return Array.from({ length: total }, (_, index) => {
		const number = String(index + 1).padStart(5, "0");
		return join(dirname(path), fileName.replace(/-\d{5}(-of-\d{5}\.gguf)$/i, `-${number}$1`));
	});
}

/** Name of a model by its file: without folder and `.gguf`. */
export function modelNameOf(path: string): string {
	const extension = extname(path);
	return basename(path, extension.toLowerCase() === ".gguf" ? extension : "");
}

/** Model files below a folder, by name; unreadable folders are told and passed over. Links to folders are not followed. */
export function findModelFiles(
	root: string,
	budget: LookBudget,
	onFault: (path: string, error: unknown) => void,
): readonly string[] {
	const found: string[] = [];
	function look(folder: string, depth: number): void {
		for (const entry of listFolder(folder, budget, onFault)) {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) {
				if (depth < DEEPEST) look(path, depth + 1);
			} else if (isModelFileName(entry.name) && isFile(path)) {
				found.push(path);
			}
		}
	}
	look(root, 1);
	return found;
}

/** A folder's entries by name, as many as the budget allows. A folder that isn't there has none. */
export function listFolder(
	folder: string,
	budget: LookBudget,
	onFault: (path: string, error: unknown) => void,
): readonly Dirent[] {
	if (budget.entriesLeft <= 0) return [];
	try {
		const entries = readdirSync(folder, { withFileTypes: true });
		const taken = entries.sort(byName).slice(0, budget.entriesLeft);
		budget.entriesLeft -= taken.length;
		return taken;
	} catch (error) {
		if (errorCode(error) !== "ENOENT" && errorCode(error) !== "ENOTDIR") onFault(folder, error);
		return [];
	}
}

/** Whether there is a file, through links. */
export function isFile(path: string): boolean {
	try {
		return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
	} catch (error) {
		// A link in a circle, or into a folder that others may not see: not a file for us.
		if (["EACCES", "EPERM", "ELOOP", "ENOTDIR"].includes(errorCode(error))) return false;
		throw error;
	}
}

/** Where a file really lies, so that one that is found twice counts once. */
export function realPath(path: string): string {
	return realpathSync.native(path);
}

/** Whether a file begins as every GGUF file does. */
export function beginsAsGguf(path: string): boolean {
	const head = Buffer.alloc(GGUF_MAGIC.byteLength);
	const file = openSync(path, "r");
	try {
		return readSync(file, head, 0, head.byteLength, 0) === head.byteLength && head.equals(GGUF_MAGIC);
	} finally {
		closeSync(file);
	}
}

/** First bytes of every GGUF file. */
export const GGUF_MAGIC = Buffer.from("GGUF");

function byName(one: Dirent, other: Dirent): number {
	if (one.name === other.name) return 0;
	return one.name < other.name ? -1 : 1;
}
