/**
 * Fills in what could not be told at one look with what was told a moment ago: a figure that is unknown for a look, as others' use is
 * when one of our own processes has just ended, must not pass for a load that is over.
 */
import type { Clock } from "../base/base.ts";
import type { Gpu, MachineSnapshot } from "../contract/contract.ts";

/** What was told longer ago says nothing any more: five looks of the close pace. */
export const LAST_KNOWN_MS = 10_000;

interface Known<Value> {
	readonly value: Value;
	readonly atMs: number;
}

/** Builds the filling in; it knows nothing yet. Moments are monotonic. */
export function createLastKnown(clock: Pick<Clock, "monotonicMs">): (snapshot: MachineSnapshot) => MachineSnapshot {
	const figures = new Map<string, Known<number>>();
	const gpus = new Map<string, Known<Gpu>>();

	function lastOf(name: string, told: number | null): number | null {
		const nowMs = clock.monotonicMs();
		if (told !== null) {
			figures.set(name, { value: told, atMs: nowMs });
			return told;
		}
		const known = figures.get(name);
		return known !== undefined && nowMs - known.atMs <= LAST_KNOWN_MS ? known.value : null;
	}

	function fill(gpu: Gpu): Gpu {
		return {
			...gpu,
			memory: { ...gpu.memory, othersBytes: lastOf(`memory ${gpu.id}`, gpu.memory.othersBytes) },
			busy: { ...gpu.busy, othersFraction: lastOf(`busy ${gpu.id}`, gpu.busy.othersFraction) },
		};
	}

	return (snapshot) => {
		const nowMs = clock.monotonicMs();
		for (const gpu of snapshot.gpus) gpus.set(gpu.id, { value: gpu, atMs: nowMs });
		for (const [id, { atMs }] of gpus) if (nowMs - atMs > LAST_KNOWN_MS) gpus.delete(id);
		const othersFraction = lastOf("processor", snapshot.cpu.othersFraction);
		return {
			...snapshot,
			gpus: [...gpus.values()].map(({ value }) => fill(value)),
			cpu: { ...snapshot.cpu, othersFraction },
		};
	};
}
