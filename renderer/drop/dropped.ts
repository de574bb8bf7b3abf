/** What was dropped or chosen: files, paths and whole folders, told apart while the drop event lasts. */
import { shell } from "../shell.ts";
import { type LeftOut, MOST_CARDS, type NewFile } from "./store.ts";

/** Names a batch file may have. Asked only of what lies in a folder; a file that somebody picked is always taken. */
const BATCH_FILE = /\.(jsonl|ndjson|json|csv|tsv|txt)$/i;

/** Things looked at in one folder and those in it: more than the panel takes many times over; a home folder has a million. */
const MOST_ENTRIES = 5_000;
/** Folders in folders: what people nest by hand. */
const DEEPEST = 8;

/** Files, and what of them was left out. */
export interface Dropped {
	readonly files: readonly NewFile[];
	readonly leftOut: readonly LeftOut[];
}

/** Whether what is held over the window are files. */
export function hasFiles(transfer: DataTransfer | null): boolean {
	return transfer?.types.includes("Files") === true;
}

/** Takes what was dropped. All that is only good within the drop event is read before the first pause. */
export async function readDrop(transfer: DataTransfer): Promise<Dropped> {
	const files = [...transfer.files];
	const paths = shell?.pathsFor(files) ?? [];
	const entries = [...transfer.items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry());
	const taken: NewFile[] = [];
	let otherKinds = 0;
	for (const [index, file] of files.entries()) {
		const entry = entries[index] ?? null;
		if (entry !== null && isFolder(entry)) {
			const found = await filesIn(entry);
			otherKinds += found.otherKinds;
			taken.push(...found.files.map(fromFile));
		} else {
			const path = paths[index] ?? "";
			taken.push(path === "" ? fromFile(file) : fromPath(path, file.name, file.size));
		}
	}
	return { files: taken, leftOut: otherKinds === 0 ? [] : [{ count: otherKinds, why: "other-kind" }] };
}

/** Takes files out of a browser's file chooser; of a folder only those that may be batch files. */
export function readChosen(files: readonly File[], isFromFolder: boolean): Dropped {
	const fit = isFromFolder ? files.filter(({ name }) => BATCH_FILE.test(name)) : files;
	const otherKinds = files.length - fit.length;
	return { files: fit.map(fromFile), leftOut: otherKinds === 0 ? [] : [{ count: otherKinds, why: "other-kind" }] };
}

/** Takes files out of the shell's file chooser. */
export function readPaths(paths: readonly string[]): Dropped {
	return { files: paths.map((path) => fromPath(path, path.replace(/^.*[/\\]/s, ""), null)), leftOut: [] };
}

function fromFile(file: File): NewFile {
	return { key: newKey(), name: file.name, sizeBytes: file.size, source: { kind: "file", file } };
}

function fromPath(path: string, name: string, sizeBytes: number | null): NewFile {
	return { key: newKey(), name, sizeBytes, source: { kind: "path", path } };
}

let lastKey = 0;
function newKey(): string {
	lastKey++;
	return `file-${lastKey}`;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
	return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
	return entry.isFile;
}

async function filesIn(
	folder: FileSystemDirectoryEntry,
): Promise<{ readonly files: readonly File[]; readonly otherKinds: number }> {
	const files: File[] = [];
	let otherKinds = 0;
	let seen = 0;
	async function walk(parent: FileSystemDirectoryEntry, depth: number): Promise<void> {
		for (const entry of await entriesOf(parent)) {
			seen++;
			// One more than the panel takes is enough to say that there were too many.
			if (seen > MOST_ENTRIES || files.length > MOST_CARDS) return;
			if (isFolder(entry)) {
				if (depth < DEEPEST) await walk(entry, depth + 1);
			} else if (isFile(entry) && BATCH_FILE.test(entry.name)) {
				files.push(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)));
			} else otherKinds++;
		}
	}
	await walk(folder, 1);
	return { files: files.toSorted((one, other) => one.name.localeCompare(other.name)), otherKinds };
}

/** All of a folder; browsers give at most a hundred a time, and none when that was all. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
	const reader = folder.createReader();
	const all: FileSystemEntry[] = [];
	for (;;) {
		const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
		if (some.length === 0 || all.length > MOST_ENTRIES) return all;
		all.push(...some);
	}
}
