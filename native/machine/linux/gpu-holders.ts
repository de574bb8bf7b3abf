/**
 * Finds the processes that hold a GPU open. The kernel has no list of them for ordinary users, so all open files of all processes
 * must be gone through: in small pieces, a young process often and an old one seldom.
 */
import { join } from "node:path";
import { linkNow, listNow } from "./kernel-files.ts";
import { listProcesses } from "./processes.ts";

/** A process and its open files of GPUs' drivers. */
export interface GpuHolder {
	readonly pid: number;
	/** Numbers of the files, as in /proc/<pid>/fdinfo. */
	readonly files: readonly string[];
}

/** One link takes some 3 µs to read: with these two a look spends a third of a millisecond. */
const MOST_PROCESSES_A_LOOK = 48;
const MOST_LINKS_A_LOOK = 80;

/** Of one process no more than so many are followed: more are copies of a few. */
const MOST_FILES_A_PROCESS = 16;

/** A program opens the GPU soon after its start, or hardly ever. */
const FIRST_AGAIN_MS = 2_000;
const LATEST_AGAIN_MS = 120_000;

/** When a process is to be looked at again. */
interface Due {
	atMs: number;
	afterMs: number;
}

/** Looks for a while, at `always` until they hold one in any case, and answers all that are known to hold a GPU. */
export type GpuHolders = (nowMs: number, always: readonly number[]) => readonly GpuHolder[];

/** Makes the search. Only this user's processes can be seen, unless this is the system's own user. */
export function createGpuHolders(root: string): GpuHolders {
	let dues = new Map<number, Due>();
	const holders = new Map<number, GpuHolder>();

	/** Forgets who is gone, and answers who is due, the young and the longest due first. */
	function update(nowMs: number): readonly number[] {
		const present = new Map<number, Due>();
		for (const pid of listProcesses(root)) present.set(pid, dues.get(pid) ?? { atMs: 0, afterMs: FIRST_AGAIN_MS });
		dues = present;
		for (const pid of holders.keys()) if (!present.has(pid)) holders.delete(pid);
		const due = [...present].filter(([, { atMs }]) => atMs <= nowMs);
		return due.sort(([, one], [, other]) => one.atMs - other.atMs).map(([pid]) => pid);
	}

	return (nowMs, always) => {
		let links = 0;
		const due = update(nowMs).slice(0, MOST_PROCESSES_A_LOOK);
		const sought = always.filter((own) => dues.has(own) && !holders.has(own));
		for (const pid of new Set([...sought, ...due])) {
			if (links >= MOST_LINKS_A_LOOK && !sought.includes(pid)) break;
			const names = listNow(join(root, "proc", String(pid), "fd"));
			const files = filesOf(root, pid, names);
			links += names.length;
			if (files.length > 0) holders.set(pid, { pid, files });
			else holders.delete(pid);
			const afterMs = dues.get(pid)?.afterMs ?? FIRST_AGAIN_MS;
			dues.set(pid, { atMs: nowMs + afterMs, afterMs: Math.min(2 * afterMs, LATEST_AGAIN_MS) });
		}
		return [...holders.values()];
	};
}

function filesOf(root: string, pid: number, names: readonly string[]): readonly string[] {
	const folder = join(root, "proc", String(pid), "fd");
	const files: string[] = [];
	for (const name of names) {
		if (files.length >= MOST_FILES_A_PROCESS) break;
		const target = linkNow(`${folder}/${name}`);
		if (target?.startsWith("/dev/dri/") === true) files.push(name);
	}
	return files;
}
