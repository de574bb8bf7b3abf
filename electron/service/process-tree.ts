/**
 * A process and all it has started, looked at and ended as a whole. Owns ending; must never end a process that only has the number of one
 * that it knew.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type ListProcesses, type ProcessRow, processLister, readLinuxProcess } from "./process-list.ts";

/** Looks at trees of processes and ends them. */
export interface ProcessTrees {
	/** The process and its descendants; where the system does not tell, the process alone. Empty: it has ended. */
	of(pid: number): Promise<readonly ProcessRow[]>;
	/** Those that have not ended. */
	alive(rows: readonly ProcessRow[]): Promise<readonly ProcessRow[]>;
	/** Ends them at once; those that have ended already are passed over. */
	kill(rows: readonly ProcessRow[]): Promise<void>;
}

/** A start that nobody told. */
const UNKNOWN_START = -1;

/** Makes what this platform has. */
export function createProcessTrees(
	platform: NodeJS.Platform,
	list: ListProcesses = processLister(platform),
): ProcessTrees {
	async function alive(rows: readonly ProcessRow[]): Promise<readonly ProcessRow[]> {
		const still = await Promise.all(rows.map((row) => isAlive(row, platform)));
		return rows.filter((_, index) => still[index] === true);
	}

	return {
		async of(pid) {
			const found = descendants(await list(), pid);
			if (found.length > 0) return found;
			return alive([{ pid, parentPid: process.pid, startedAt: UNKNOWN_START }]);
		},
		alive,
		async kill(rows) {
			const now = await list();
			const isSame =
				(row: ProcessRow) =>
				({ pid, startedAt }: ProcessRow) =>
					row.pid === pid && row.startedAt === startedAt;
			for (const row of await alive(rows)) {
				if (row.startedAt !== UNKNOWN_START && !now.some(isSame(row))) continue;
				if (platform === "win32") await taskkill(row.pid);
				else signal(row.pid, "SIGKILL");
			}
		},
	};
}

/**
 * A process and its descendants among those that run, the process first. A parent's number may have been given away anew since: who was
 * started before its parent is not its child.
 */
export function descendants(rows: readonly ProcessRow[], pid: number): readonly ProcessRow[] {
	const root = rows.find((row) => row.pid === pid);
	const found = root === undefined ? [] : [root];
	for (const parent of found) {
		for (const row of rows) {
			if (row.parentPid === parent.pid && row.startedAt >= parent.startedAt && !found.includes(row)) found.push(row);
		}
	}
	return found;
}

/** Linux has zombies, that a signal still reaches; and tells starts at no cost. */
async function isAlive({ pid, startedAt }: ProcessRow, platform: NodeJS.Platform): Promise<boolean> {
	if (platform !== "linux") return signal(pid, 0);
	const now = await readLinuxProcess(pid);
	return now !== null && (startedAt === UNKNOWN_START || now.startedAt === startedAt);
}

/** Answers whether there is such a process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
	try {
		return process.kill(pid, name);
	} catch (error) {
		// EPERM: it is there, but another user's; none of ours is.
		return error instanceof Error && "code" in error && error.code === "EPERM" && name === 0;
	}
}

/** With its children of the moment, `/T`; by force, `/F`, for a process without a window does not hear of anything else. */
async function taskkill(pid: number): Promise<void> {
	try {
		await promisify(execFile)("taskkill", ["/PID", String(pid), "/T", "/F"], { windowsHide: true });
	} catch {
		// It had ended: whoever called looks for itself.
	}
}
