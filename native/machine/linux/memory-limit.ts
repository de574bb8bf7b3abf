/** How much memory a container or a unit of systemd may use, where something bounds it (cgroup version 2). */
import { join } from "node:path";
import { numberIn, readNow } from "./kernel-files.ts";

/** What bounds us most. */
export interface MemoryBound {
	readonly limitBytes: number;
	readonly availableBytes: number;
}

/** Tells what bounds this process now; null: nothing does. */
export type MemoryLimit = () => MemoryBound | null;

/**
 * Finds the groups that this process is in; a process is hardly ever moved, so they are looked up once. Kernel documentation:
 * Documentation/admin-guide/cgroup-v2.rst (`memory.max`, `memory.current`, `memory.stat`).
 */
export function findMemoryLimit(root: string): MemoryLimit {
	const groups = groupsOf(root).filter((group) => readNow(join(group, "memory.max")) !== null);
	return () => {
		let least: MemoryBound | null = null;
		for (const group of groups) {
			const bound = boundOf(group);
			if (bound !== null && bound.availableBytes < (least?.availableBytes ?? Number.POSITIVE_INFINITY)) least = bound;
		}
		return least;
	};
}

/** Our own group's folder and those around it, which bound us as well. */
function groupsOf(root: string): readonly string[] {
	const mount = join(root, "sys/fs/cgroup");
	const line = (readNow(join(root, "proc/self/cgroup")) ?? "").split("\n").find((entry) => entry.startsWith("0::"));
	const names = (line ?? "0::/").slice("0::".length).split("/").filter(Boolean);
	return Array.from({ length: names.length + 1 }, (_, depth) => join(mount, ...names.slice(0, depth)));
}

function boundOf(group: string): MemoryBound | null {
	// Without a limit the file says `max`.
	const limitBytes = numberIn(readNow(join(group, "memory.max")));
	const usedBytes = numberIn(readNow(join(group, "memory.current")));
	if (limitBytes === null || usedBytes === null) return null;
	// Pages of files count as used until the kernel wants them back.
	const reclaimable = /^inactive_file (\d+)$/m.exec(readNow(join(group, "memory.stat")) ?? "")?.[1];
	const availableBytes = limitBytes - usedBytes + (numberIn(reclaimable ?? null) ?? 0);
	return { limitBytes, availableBytes: Math.min(limitBytes, Math.max(0, availableBytes)) };
}
