/**
 * Conversations of the chat window, each in a file of its own in the data folder. Owns those files; must never answer a message, and
 * never let one writer undo unseen what another wrote.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, err, errorCode, type Log, ok, type Result, syncFolder } from "../base/base.ts";
import type { Thread, ThreadLine, ThreadWrite } from "../contract/contract.ts";
import { editFile } from "../settings/edit-file.ts";
import { createShelf, parseThread, type Shelf } from "./shelf.ts";

/** Why a conversation was not written. Messages are fit for people. */
export interface ThreadFailure {
	/**
	 * `changed`: somebody wrote it since it was read; `gone`: it was deleted meanwhile, or never was; `full`: there are as many as
	 * may be; `not-written`: the disk said no.
	 */
	readonly kind: "changed" | "gone" | "full" | "not-written";
	readonly message: string;
}

/** Keeps conversations. */
export interface Threads {
	/** Heads of all, changed last first. */
	list(): Promise<readonly ThreadLine[]>;
	/** Null: there is none of that id. */
	read(id: string): Promise<Thread | null>;
	/** Makes a conversation (`revision` 0) or replaces the one that was read with that revision. On disk when it resolves. */
	write(id: string, thread: ThreadWrite): Promise<Result<Thread, ThreadFailure>>;
	/** False: there was none. */
	remove(id: string): Promise<boolean>;
}

/** What it is made from. */
export interface ThreadsDeps {
	/** Folder of the files; made if it is missing. */
	readonly dir: string;
	readonly clock: Clock;
	readonly log: Log;
	/** Smaller in tests. */
	readonly mostThreads?: number;
}

/** Five a day for a year. More would make a list nobody looks through; dropping the oldest unasked would be worse. */
const MOST_THREADS = 2_000;
/** 96 bits: ids never meet, and can't be guessed. */
const ID_BYTES = 12;
/** Conversations are nobody else's business. */
const OWNER_ONLY = 0o700;

/** Safe as a file name on every system, also where names differ by more than their case. */
const idPattern = /^thread_[a-z0-9]{16,64}$/;

/** Whether an id is one of ours; others name no file. */
export function isThreadId(id: string): boolean {
	return idPattern.test(id);
}

/** An id for a new conversation. */
export function newThreadId(): string {
	return `thread_${randomBytes(ID_BYTES).toString("hex")}`;
}

/** Opens the folder. */
export function createThreads({ dir, clock, log, mostThreads = MOST_THREADS }: ThreadsDeps): Threads {
	mkdirSync(dir, { recursive: true, mode: OWNER_ONLY });
	// Only the service writes here, and it is alone in its data folder: a lock is what a killed one left.
	for (const name of readdirSync(dir)) if (name.endsWith(".lock")) rmSync(join(dir, name), { force: true });
	const shelf = createShelf(dir, log);
	/** One change after the other, so that the count holds and no lock is ever waited for. */
	let changing: Promise<unknown> = Promise.resolve();

	function inTurn<T>(change: () => Promise<T>): Promise<T> {
		const done = changing.then(change);
		changing = Promise.allSettled([done]);
		return done;
	}

	async function write(id: string, thread: ThreadWrite): Promise<Result<Thread, ThreadFailure>> {
		if (!isThreadId(id)) return err(noSuchId);
		if (thread.revision === 0 && (await countOf(dir)) >= mostThreads) return err(full(mostThreads));
		let written: Thread | null = null;
		const done = await editFile<ThreadFailure>(shelf.pathOf(id), (content) => {
			const present = content === null ? null : parseThread(content);
			if (content !== null && present === null) shelf.keepAside(id);
			const fault = checkRevision(present, thread.revision);
			if (fault !== null) return err(fault);
			const now = Math.floor(clock.nowMs() / 1_000);
			const revision = thread.revision + 1;
			written = { ...thread, revision, id, created_at: present?.created_at ?? now, changed_at: now };
			return ok(`${JSON.stringify(written)}\n`);
		});
		if (done.ok && written !== null) return ok(written);
		return done.ok ? err(notWritten("")) : err(failureOf(done.error));
	}

	return {
		list: () => shelf.heads(),
		read: async (id) => (isThreadId(id) ? shelf.read(id) : null),
		write: (id, thread) => inTurn(() => write(id, thread)),
		remove: async (id) => (isThreadId(id) ? inTurn(() => remove(shelf, dir, id)) : false),
	};
}

async function remove(shelf: Shelf, dir: string, id: string): Promise<boolean> {
	try {
		await rm(shelf.pathOf(id));
	} catch (error) {
		if (errorCode(error) !== "ENOENT") throw error;
		return false;
	}
	await syncFolder(dir);
	return true;
}

async function countOf(dir: string): Promise<number> {
	return (await readdir(dir)).filter((name) => name.endsWith(".json")).length;
}

function checkRevision(present: Thread | null, revision: number): ThreadFailure | null {
	if ((present?.revision ?? 0) === revision) return null;
	if (present !== null) {
		const message = "This conversation was changed elsewhere meanwhile, perhaps in another window. Load it anew first.";
		return { kind: "changed", message };
	}
	return { kind: "gone", message: "This conversation was deleted meanwhile. Keep it as a new one, or let it go." };
}

function failureOf(fault: ThreadFailure | { readonly kind: "busy"; readonly message: string }): ThreadFailure {
	return fault.kind === "busy" ? notWritten(fault.message) : { kind: fault.kind, message: fault.message };
}

function notWritten(why: string): ThreadFailure {
	return { kind: "not-written", message: `The conversation could not be kept. ${why}`.trimEnd() };
}

function full(most: number): ThreadFailure {
	const message = `There are ${most} conversations, as many as are kept. Delete some that you no longer need.`;
	return { kind: "full", message };
}

const noSuchId: ThreadFailure = {
	kind: "gone",
	message:
		"That is no id of a conversation: they begin with 'thread_' and go on with 16 to 64 small letters and digits.",
};
