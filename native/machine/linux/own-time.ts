/** Processor time of our own processes between two looks. */
import { join } from "node:path";
import { readNow } from "./kernel-files.ts";

/** /proc counts in hundredths of a second for programs, whatever the kernel's own clock does (man 5 proc_stat, `USER_HZ`). */
const TICKS_PER_SECOND = 100;

/** A process as /proc/<pid>/stat tells it, in ticks. */
interface ProcessTime {
	readonly startedAt: number;
	readonly used: number;
}

/** Ticks that some processes used since the last call. */
export type OwnTime = (pids: readonly number[]) => number;

/** Makes the count. A process that began since the last call counts with all it used; one that was there before, from now on. */
export function createOwnTime(root: string): OwnTime {
	let known = new Map<number, ProcessTime>();
	let lastUptime = Number.POSITIVE_INFINITY;
	return (pids) => {
		const now = new Map<number, ProcessTime>();
		let sum = 0;
		for (const pid of pids) {
			const seen = timeOf(root, pid);
			if (seen === null) continue;
			now.set(pid, seen);
			const before = known.get(pid);
			if (before?.startedAt === seen.startedAt) sum += seen.used - before.used;
			else if (seen.startedAt >= lastUptime) sum += seen.used;
		}
		known = now;
		lastUptime = uptimeOf(root) ?? Number.POSITIVE_INFINITY;
		return sum;
	};
}

function uptimeOf(root: string): number | null {
	const seconds = Number.parseFloat(readNow(join(root, "proc/uptime")) ?? "");
	return Number.isFinite(seconds) ? seconds * TICKS_PER_SECOND : null;
}

/** Fields 14 (utime), 15 (stime) and 22 (starttime) of man 5 proc_pid_stat; the name before them may hold anything. */
function timeOf(root: string, pid: number): ProcessTime | null {
	const text = readNow(join(root, "proc", String(pid), "stat"));
	if (text === null) return null;
	const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
	const [user, system, startedAt] = [fields[11], fields[12], fields[19]].map(Number);
	if (user === undefined || system === undefined || startedAt === undefined) return null;
	return Number.isFinite(user + system + startedAt) ? { startedAt, used: user + system } : null;
}
