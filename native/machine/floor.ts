/** What Node and systeminformation tell on every platform: the source behind all others. */
import { cpus, freemem, totalmem } from "node:os";
import { type Clock, type Log, ok } from "../base/base.ts";
import { type BatteryReading, watchBattery } from "./battery.ts";
import type { Question, Sight, Source } from "./source.ts";

/** What the floor stands on. */
export interface FloorDeps {
	readonly platform: NodeJS.Platform;
	/** Environment variables: on Linux they tell whether a graphical session started this service. */
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly clock: Clock;
	readonly log: Log;
	/** Whether a better source has the say about the power supply: asking for it here starts processes. */
	readonly isSupplyTold: () => boolean;
	/** By default systeminformation's. */
	readonly askBattery?: () => Promise<BatteryReading>;
}

/** Processors' time is counted in steps of 10 ms: over less than this they tell nothing. */
const LEAST_SPAN_MS = 200;

const MICROSECONDS_PER_MILLISECOND = 1_000;

/** Makes the source. */
export function createFloorSource(deps: FloorDeps): Source {
	const { platform, environment, clock } = deps;
	const battery = watchBattery(deps);
	const cpu = countCpu(platform);
	const own = countOwn(clock);
	return {
		name: "Node",
		tells: "processor and main memory, and on a laptop its battery",
		async look(question) {
			const memory = readMemory(platform);
			const sight: Sight = {
				...cpu(),
				...own(question),
				...(memory === null ? {} : { memory }),
				...battery.read(),
				hasDesktop: hasDesktop(platform, environment),
			};
			return ok(sight);
		},
		async stop() {},
	};
}

/** Puts the floor below sources; it hears whether one of them has the say about the power supply, for to ask is costly there. */
export function aboveFloor(sources: readonly Source[], floor: Omit<FloorDeps, "isSupplyTold">): readonly Source[] {
	const tellers = new Set<Source>();
	const heard = sources.map((source) => hear(source, tellers));
	return [...heard, createFloorSource({ ...floor, isSupplyTold: () => tellers.size > 0 })];
}

/** The same source, among the tellers while the power supply is its business. */
function hear(source: Source, tellers: Set<Source>): Source {
	return {
		name: source.name,
		tells: source.tells,
		async look(question) {
			const seen = await source.look(question);
			// One that knows that it can't tell keeps the say, and so does one that only fails now.
			if (seen.ok && seen.value.supply !== undefined) tellers.add(source);
			else if (seen.ok || seen.error.kind === "absent") tellers.delete(source);
			return seen;
		},
		...(source.watch === undefined ? {} : { watch: (onNews: () => void) => source.watch?.(onNews) }),
		stop: () => source.stop(),
	};
}

/** Windows and macOS have one always; elsewhere a session of one sets these. */
function hasDesktop(platform: NodeJS.Platform, environment: FloorDeps["environment"]): boolean {
	if (platform === "win32" || platform === "darwin") return true;
	return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
}

/**
 * Node tells what is available on Linux and Windows. On macOS it tells what is free, which leaves out all that is only cached and so
 * is next to nothing on a computer that runs well; that would stop work for no reason.
 */
function readMemory(platform: NodeJS.Platform): NonNullable<Sight["memory"]> | null {
	return platform === "darwin" ? null : { totalBytes: totalmem(), availableBytes: freemem() };
}

/** The part of all processors' time that was not idle, since the last look. */
function countCpu(platform: NodeJS.Platform): () => Pick<Sight, "cpu"> {
	let before = { busyMs: 0, totalMs: 0 };
	let fraction: number | null = null;
	return () => {
		// The Linux source reads the sum in one line of a file; here it takes a file for each processor's clock beside.
		if (platform === "linux") return {};
		const now = { busyMs: 0, totalMs: 0 };
		for (const { times } of cpus()) {
			const busyMs = times.user + times.nice + times.sys + times.irq;
			now.busyMs += busyMs;
			now.totalMs += busyMs + times.idle;
		}
		const spanMs = now.totalMs - before.totalMs;
		if (spanMs < LEAST_SPAN_MS) return { cpu: { totalFraction: fraction } };
		fraction = before.totalMs === 0 ? null : (now.busyMs - before.busyMs) / spanMs;
		before = now;
		return { cpu: { totalFraction: fraction } };
	};
}

/** What this process takes, which is all we take as long as there is no inference process: of others Node knows nothing. */
function countOwn(clock: Clock): (question: Question) => Pick<Sight, "ownCpuFraction" | "ownMemoryBytes"> {
	const cores = Math.max(1, cpus().length);
	let before: { readonly atMs: number; readonly usedMs: number } | null = null;
	let fraction: number | null = null;
	return ({ inferenceProcessIds }) => {
		if (inferenceProcessIds.length > 0) {
			before = null;
			return { ownCpuFraction: null, ownMemoryBytes: null };
		}
		const { user, system } = process.cpuUsage();
		const now = { atMs: clock.monotonicMs(), usedMs: (user + system) / MICROSECONDS_PER_MILLISECOND };
		const spanMs = before === null ? 0 : now.atMs - before.atMs;
		if (before === null) fraction = null;
		else if (spanMs >= LEAST_SPAN_MS) fraction = (now.usedMs - before.usedMs) / (spanMs * cores);
		if (before === null || spanMs >= LEAST_SPAN_MS) before = now;
		return { ownCpuFraction: fraction, ownMemoryBytes: process.memoryUsage.rss() };
	};
}
