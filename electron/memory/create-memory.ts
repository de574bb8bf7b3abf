/** Opens the file of what the shell remembers, and writes it. Owns that it is whole whenever the program or the computer ends. */
import { readFileSync, renameSync } from "node:fs";
import { parseJson, replaceFile } from "../base/base.ts";
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
			await replaceFile(path, `${JSON.stringify(current, null, "\t")}\n`, 0o600).catch((error: unknown) => {
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

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "ENOENT";
}
