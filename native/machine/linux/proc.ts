/** The processor, main memory and our own use of both, out of /proc. */
import { join } from "node:path";
import { err, ok, type Result } from "../../base/base.ts";
import type { Question, Sight, Source, SourceFault } from "../source.ts";
import { readNow } from "./kernel-files.ts";
import { findMemoryLimit } from "./memory-limit.ts";
import { createOwnTime } from "./own-time.ts";
import { findProcessorHeat } from "./processor-heat.ts";

const BYTES_PER_KIBIBYTE = 1024;

/** Time of all cores since the start of the system, in the kernel's ticks. */
interface CpuTicks {
	readonly total: number;
	readonly busy: number;
}

/** Makes the source. `root` is the folder that `/proc` and `/sys` are in. */
export function createProcSource(root: string): Source {
	const memoryLimit = findMemoryLimit(root);
	const processorHeat = findProcessorHeat(root);
	const ownTime = createOwnTime(root);
	let before: CpuTicks | null = null;

	async function look(question: Question): Promise<Result<Sight, SourceFault>> {
		const temperatureCelsius = await processorHeat();
		const ticks = readTicks(root);
		const memory = readMemory(root);
		if (ticks === null || memory === null) {
			return err({ kind: "absent", message: "/proc/stat and /proc/meminfo can't be read; is /proc mounted?" });
		}
		const passed = before === null ? 0 : ticks.total - before.total;
		const busy = before === null ? 0 : ticks.busy - before.busy;
		before = ticks;
		const own = ownTime(question.ownProcessIds);
		const bound = memoryLimit();
		return ok({
			cpu: { totalFraction: fractionOf(busy, passed), temperatureCelsius },
			ownCpuFraction: fractionOf(own, passed),
			memory: {
				totalBytes: Math.min(memory.totalBytes, bound?.limitBytes ?? memory.totalBytes),
				availableBytes: Math.min(memory.availableBytes, bound?.availableBytes ?? memory.availableBytes),
			},
			ownMemoryBytes: ownMemory(root, question.inferenceProcessIds),
		});
	}

	return { name: "/proc", tells: "processor, memory and our own part of them", look, stop: () => Promise.resolve() };
}

/** Null: no time has passed since the last look, or there was none. */
function fractionOf(part: number, whole: number): number | null {
	return whole <= 0 ? null : Math.min(1, Math.max(0, part / whole));
}

/**
 * The first line of /proc/stat: `cpu user nice system idle iowait irq softirq steal guest guest_nice` (man 5 proc_stat). Guests' time is
 * in `user` already; what a host steals is neither ours nor anybody's here.
 */
function readTicks(root: string): CpuTicks | null {
	const line = (readNow(join(root, "proc/stat")) ?? "").split("\n", 1)[0] ?? "";
	const fields = line.split(/\s+/).slice(1, 8).map(Number);
	const [user, nice, system, idle, iowait, irq, softirq] = fields;
	if (!line.startsWith("cpu ") || user === undefined || nice === undefined || system === undefined) return null;
	const busy = user + nice + system + (irq ?? 0) + (softirq ?? 0);
	return { busy, total: busy + (idle ?? 0) + (iowait ?? 0) };
}

function readMemory(root: string): { totalBytes: number; availableBytes: number } | null {
	const text = readNow(join(root, "proc/meminfo")) ?? "";
	const totalBytes = kibibytesAfter(text, "MemTotal");
	const availableBytes = kibibytesAfter(text, "MemAvailable");
	return totalBytes === null || availableBytes === null ? null : { totalBytes, availableBytes };
}

/** Null: one of them is there and can't be read; those that are gone have no memory. */
function ownMemory(root: string, pids: readonly number[]): number | null {
	let sum = 0;
	for (const pid of pids) {
		const status = readNow(join(root, "proc", String(pid), "status"));
		// A process that has ended but was not waited for yet has no such line.
		if (status !== null) sum += kibibytesAfter(status, "VmRSS") ?? 0;
	}
	return sum;
}

function kibibytesAfter(text: string, name: string): number | null {
	const found = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(text)?.[1];
	return found === undefined ? null : Number(found) * BYTES_PER_KIBIBYTE;
}
