/** Reads the instances of Windows' GPU counters: which process, which adapter, which engine; and adds them up. Pure. */

/** A counter's value for one instance, e.g. `pid_1234_luid_0x00000000_0x0000D1CE_phys_0_eng_0_engtype_3D`. */
export interface CounterItem {
	readonly instance: string;
	readonly value: number;
}

/** What an instance's name says. */
export interface GpuInstance {
	/** Null: the adapter as a whole. */
	readonly pid: number | null;
	/** The adapter's locally unique id as one number, the same until the next start of the system. */
	readonly luid: bigint;
	/** Tells apart engines of one adapter; null: not of an engine. */
	readonly engine: string | null;
}

const INSTANCE = /^(?:pid_(\d+)_)?luid_0x([0-9a-f]{1,8})_0x([0-9a-f]{1,8})_phys_(\d+)(?:_eng_(\d+))?/i;
const HIGH_PART = 2n ** 32n;

/** Reads a name; null: not of a form that is known. */
export function readInstance(name: string): GpuInstance | null {
	const found = INSTANCE.exec(name);
	if (found === null) return null;
	const [, pid, high, low, adapter, engine] = found;
	return {
		pid: pid === undefined ? null : Number(pid),
		luid: BigInt(`0x${high}`) * HIGH_PART + BigInt(`0x${low}`),
		engine: engine === undefined ? null : `${adapter}:${engine}`,
	};
}

/** What the counters tell of one process on an adapter. */
export interface ProcessUse {
	readonly memoryBytes: number | null;
	readonly busyFraction: number | null;
}

/** What the counters tell of an adapter. */
export interface AdapterUse {
	readonly usedBytes: number | null;
	readonly busyFraction: number | null;
	/** By pid; null: no counter of processes answered. */
	readonly processes: ReadonlyMap<number, ProcessUse> | null;
}

/** The three counters at one moment; null: it did not answer. */
export interface GpuCounters {
	/** `\GPU Engine(*)\Utilization Percentage` */
	readonly engines: readonly CounterItem[] | null;
	/** `\GPU Process Memory(*)\Dedicated Usage` */
	readonly processMemory: readonly CounterItem[] | null;
	/** `\GPU Adapter Memory(*)\Dedicated Usage` */
	readonly adapterMemory: readonly CounterItem[] | null;
}

/**
 * Adds them up by adapter. As in the Task Manager, a GPU is as busy as its busiest engine, and so is a process: engines work beside
 * each other, and their sum would say nothing.
 */
export function sumCounters(counters: GpuCounters): ReadonlyMap<bigint, AdapterUse> {
	const engines = new Map<bigint, EngineSums>();
	for (const { at, value } of known(counters.engines)) {
		if (at.engine === null || at.pid === null) continue;
		const sums = among(engines, at.luid, () => ({ whole: new Map(), byProcess: new Map() }));
		add(sums.whole, at.engine, value / PERCENT);
		add(
			among(sums.byProcess, at.pid, () => new Map()),
			at.engine,
			value / PERCENT,
		);
	}
	const memory = new Map<bigint, Map<number, number>>();
	for (const { at, value } of known(counters.processMemory)) {
		if (at.pid !== null)
			add(
				among(memory, at.luid, () => new Map()),
				at.pid,
				value,
			);
	}
	const used = new Map<bigint, number>();
	for (const { at, value } of known(counters.adapterMemory)) add(used, at.luid, value);

	const uses = new Map<bigint, AdapterUse>();
	for (const luid of new Set([...used.keys(), ...memory.keys(), ...engines.keys()])) {
		uses.set(luid, sumUse(counters, used.get(luid), memory.get(luid), engines.get(luid)));
	}
	return uses;
}

interface EngineSums {
	readonly whole: Map<string, number>;
	readonly byProcess: Map<number, Map<string, number>>;
}

const PERCENT = 100;

function sumUse(
	counters: GpuCounters,
	usedBytes: number | undefined,
	memory: ReadonlyMap<number, number> | undefined,
	engines: EngineSums | undefined,
): AdapterUse {
	const hasMemory = counters.processMemory !== null;
	const hasEngines = counters.engines !== null;
	const processes = new Map<number, ProcessUse>();
	for (const pid of new Set([...(memory?.keys() ?? []), ...(engines?.byProcess.keys() ?? [])])) {
		const memoryBytes = memory?.get(pid) ?? 0;
		const busyFraction = busiest(engines?.byProcess.get(pid));
		if (memoryBytes === 0 && busyFraction === 0) continue;
		processes.set(pid, {
			memoryBytes: hasMemory ? memoryBytes : null,
			busyFraction: hasEngines ? busyFraction : null,
		});
	}
	return {
		usedBytes: usedBytes ?? null,
		busyFraction: hasEngines ? busiest(engines?.whole) : null,
		processes: hasMemory || hasEngines ? processes : null,
	};
}

function* known(items: readonly CounterItem[] | null): Iterable<{ at: GpuInstance; value: number }> {
	for (const { instance, value } of items ?? []) {
		const at = readInstance(instance);
		if (at !== null) yield { at, value };
	}
}

function busiest(engines: ReadonlyMap<string, number> | undefined): number {
	let most = 0;
	for (const fraction of engines?.values() ?? []) most = Math.max(most, fraction);
	return Math.min(1, most);
}

function among<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
	const there = map.get(key);
	if (there !== undefined) return there;
	const made = make();
	map.set(key, made);
	return made;
}

function add<Key>(map: Map<Key, number>, key: Key, value: number): void {
	map.set(key, (map.get(key) ?? 0) + value);
}
