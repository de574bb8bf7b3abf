import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Memory, type Remembered, rememberedSchema } from "./memory.ts";

/** What it is made from. */
export interface MemoryDeps {
	/** Of the file; its folder is made. */
	readonly path: string;
	/** Hears why nothing could be read or written, in words for a log. By default nobody does. */
	readonly onProblem?: (message: string) => void;
}

/** A window that is dragged tells its place many times a second: what comes within this time is written once. */
const COALESCE_MS = 200;
/** Virus scanners of Windows hold a file that was just written for a moment, and nothing can be renamed onto it. */
const MOST_RENAMES = 5;
const RENAME_PAUSE_MS = 50;

/** Opens what is remembered. A file that can't be read is kept aside as `<path>.broken`, and all is as on the first day. */
export function createMemory({ path, onProblem = () => {} }: MemoryDeps): Memory {
	let current = read(path, onProblem);
	/** What was remembered and is not on its way to the disk. */
	let isDirty = false;
	let due: NodeJS.Timeout | undefined;
	let writing = Promise.resolve();

	function write(): Promise<void> {
		clearTimeout(due);
		due = undefined;
		// One after the other, each with what is so when its turn comes.
		writing = writing.then(async () => {
			if (!isDirty) return;
			isDirty = false;
			await replaceFile(path, `${JSON.stringify(current, null, "\t")}\n`).catch((error: unknown) => {
				// It is remembered for this run at least, and tried again with the next thing.
				isDirty = true;
				onProblem(`what the app remembers could not be written: ${String(error)}`);
			});
		});
		return writing;
	}

	return {
		get current() {
			return current;
		},
		remember(change) {
			current = { ...current, ...change };
			isDirty = true;
			due ??= setTimeout(() => void write(), COALESCE_MS);
		},
		settle: write,
	};
}

function read(path: string, onProblem: (message: string) => void): Remembered {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (!isMissing(error)) onProblem(`what the app remembers could not be read: ${String(error)}`);
		return rememberedSchema.parse({});
	}
	const parsed = rememberedSchema.safeParse(parseJson(text));
	if (parsed.success) return parsed.data;
	onProblem(`what the app remembers is no use and was kept aside: ${parsed.error.issues[0]?.message ?? ""}`);
	keepAside(path, onProblem);
	return rememberedSchema.parse({});
}

function keepAside(path: string, onProblem: (message: string) => void): void {
	try {
		renameSync(path, `${path}.broken`);
	} catch (error) {
		// The next thing remembered overwrites it, and nothing in it is worth stopping for.
		onProblem(`it could not be kept aside: ${String(error)}`);
	}
}

/** A reader finds the old file or the new one, whatever happens when: the new one is on the disk before it takes the old one's name. */
async function replaceFile(path: string, text: string): Promise<void> {
	mkdirSync(dirname(path), { recursive: true });
	const newPath = `${path}.new`;
	const file = await open(newPath, "w", 0o600);
	try {
		await file.writeFile(text);
		await file.sync();
	} finally {
		await file.close();
	}
	await renameOnto(newPath, path);
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

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}
