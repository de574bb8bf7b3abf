/** The files of conversations: their names, their heads, and what is done with one that can't be used. */
import { renameSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, type Log, parseJson } from "../base/base.ts";
import { type Thread, type ThreadLine, threadSchema } from "../contract/contract.ts";

/** Reads conversations from their files. */
export interface Shelf {
	pathOf(id: string): string;
	/** Null: there is no such file, or it can't be used and was kept aside. */
	read(id: string): Promise<Thread | null>;
	/** Heads of all, changed last first. A file is read once for as long as it stays the same. */
	heads(): Promise<readonly ThreadLine[]>;
	/** Takes a file that can't be used out of the way, and tells of it. */
	keepAside(id: string): void;
}

/** A head, and the file it was read from as it was then. */
interface Known {
	readonly version: string;
	/** Null: it could not be used. */
	readonly head: ThreadLine | null;
}

const EXTENSION = ".json";

/** The files in a folder. */
export function createShelf(dir: string, log: Log): Shelf {
	let known: ReadonlyMap<string, Known> = new Map();
	const pathOf = (id: string) => join(dir, `${id}${EXTENSION}`);

	/** The last broken one is enough: nobody mends it, it only shows what happened. */
	function keepAside(id: string): void {
		const path = pathOf(id);
		const asidePath = `${path}.broken`;
		try {
			renameSync(path, asidePath);
			log.warn({ path, asidePath }, "a conversation's file can't be used; it was kept aside");
		} catch (error) {
			if (errorCode(error) === "") throw error;
			log.warn({ error, path }, "a conversation's file can't be used");
		}
	}

	async function read(id: string): Promise<Thread | null> {
		let text: string;
		try {
			text = await readFile(pathOf(id), "utf8");
		} catch (error) {
			if (errorCode(error) === "ENOENT") return null;
			throw error;
		}
		const thread = parseThread(text);
		// Under another name it would be two conversations that write over each other.
		if (thread?.id === id) return thread;
		keepAside(id);
		return null;
	}

	async function look(id: string): Promise<Known | null> {
		const version = await versionOf(pathOf(id));
		if (version === null) return null;
		const before = known.get(id);
		if (before?.version === version) return before;
		const thread = await read(id);
		return { version, head: thread === null ? null : headOf(thread) };
	}

	return {
		pathOf,
		read,
		keepAside,
		async heads() {
			const found = new Map<string, Known>();
			for (const name of await readdir(dir)) {
				if (!name.endsWith(EXTENSION)) continue;
				const id = name.slice(0, -EXTENSION.length);
				const one = await look(id);
				if (one !== null) found.set(id, one);
			}
			known = found;
			return [...found.values()].flatMap(({ head }) => head ?? []).sort(newestFirst);
		},
	};
}

/** The conversation that a file holds; null: it holds none. */
export function parseThread(text: string): Thread | null {
	return threadSchema.safeParse(parseJson(text)).data ?? null;
}

/** Differs whenever the file was written or replaced; null: it is not there. */
async function versionOf(path: string): Promise<string | null> {
	try {
		const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
		return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
	} catch (error) {
		if (errorCode(error) !== "ENOENT") throw error;
		return null;
	}
}

function headOf({ id, title, messages, created_at, changed_at }: Thread): ThreadLine {
	return { id, title, messages: messages.length, created_at, changed_at };
}

function newestFirst(one: ThreadLine, other: ThreadLine): number {
	return other.changed_at - one.changed_at || (one.id < other.id ? -1 : 1);
}
