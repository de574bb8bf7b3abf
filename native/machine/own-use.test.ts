import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noOwnProcesses, type OwnProcesses, subtractOwnUse } from "./own-use.ts";
import { sampleGpu, sampleProcess } from "./source-testing.ts";

const OURS = 100;
const SOURCE = "NVML";

function own(changes: Partial<Record<keyof OwnProcesses, readonly number[]>> & { seen?: boolean } = {}): OwnProcesses {
	const ids = changes.ids ?? [OURS];
	return {
		ids: new Set(ids),
		mayBeOnGpu: new Set(changes.mayBeOnGpu ?? ids),
		justEnded: new Set(changes.justEnded ?? []),
		seenBy: new Set(changes.seen ? [SOURCE] : []),
	};
}

function gpuWith(changes: Parameters<typeof sampleGpu>[0]) {
	return { ...sampleGpu(changes), source: SOURCE };
}

describe("what others use", () => {
	test("is what is used less what our processes use", () => {
		const processes = [
			sampleProcess(OURS, { memoryBytes: 6e9, busyFraction: 0.5 }),
			sampleProcess(7, { memoryBytes: 1e9, busyFraction: 0.2 }),
		];
		const gpu = subtractOwnUse(gpuWith({ usedBytes: 8e9, busyFraction: 0.75, processes }), own());
		expect(gpu.memory).toMatchObject({ usedBytes: 8e9, oursBytes: 6e9, othersBytes: 2e9 });
		expect(gpu.busy).toEqual({ totalFraction: 0.75, oursFraction: 0.5, othersFraction: 0.25 });
		expect(gpu.processes?.map(({ pid, isOurs }) => [pid, isOurs])).toEqual([
			[OURS, true],
			[7, false],
		]);
	});

	test("is all of it while no inference process runs, even where nobody sees who uses the GPU", () => {
		const gpu = subtractOwnUse(gpuWith({ usedBytes: 8e9, busyFraction: 0.4 }), noOwnProcesses);
		expect(gpu.memory).toMatchObject({ oursBytes: 0, othersBytes: 8e9 });
		expect(gpu.busy).toMatchObject({ oursFraction: 0, othersFraction: 0.4 });
	});

	test("is all of it while ours works on the processor alone", () => {
		const gpu = subtractOwnUse(gpuWith({ usedBytes: 8e9, processes: [] }), own({ mayBeOnGpu: [] }));
		expect(gpu.memory).toMatchObject({ oursBytes: 0, othersBytes: 8e9 });
	});

	test("can't be told where the source sees no processes, or never ours, as inside a container", () => {
		const hidden = gpuWith({ usedBytes: 8e9, processes: [sampleProcess(7, { memoryBytes: 8e9 })] });
		for (const gpu of [gpuWith({ usedBytes: 8e9 }), hidden]) {
			expect(subtractOwnUse(gpu, own()).memory).toMatchObject({ oursBytes: null, othersBytes: null });
		}
	});

	test("is all of it on a GPU that ours is not on, where the source is known to see ours", () => {
		const gpu = subtractOwnUse(gpuWith({ usedBytes: 8e9, processes: [] }), own({ seen: true }));
		expect(gpu.memory).toMatchObject({ oursBytes: 0, othersBytes: 8e9 });
	});

	test("can't be told in the look in which ours ended: its memory may be counted still, with nobody who has it", () => {
		const gpu = gpuWith({ usedBytes: 8e9, processes: [] });
		const after = own({ mayBeOnGpu: [], justEnded: [OURS], seen: true });
		expect(subtractOwnUse(gpu, after).memory).toMatchObject({ oursBytes: null, othersBytes: null });
	});

	test("can't be told where ours is listed without its memory, but its share of the time may be", () => {
		const processes = [sampleProcess(OURS, { busyFraction: 0.5 })];
		const gpu = subtractOwnUse(gpuWith({ usedBytes: 8e9, busyFraction: 0.75, processes }), own());
		expect(gpu.memory).toMatchObject({ oursBytes: null, othersBytes: null });
		expect(gpu.busy.othersFraction).toBe(0.25);
	});
});

test("figures of a driver that can't be are unknown", () => {
	const gpu = subtractOwnUse(
		gpuWith({ usedBytes: -1, busyFraction: Number.NaN, powerWatts: Number.POSITIVE_INFINITY }),
		own(),
	);
	expect(gpu).toMatchObject({ memory: { usedBytes: null }, busy: { totalFraction: null }, powerWatts: null });
});

describe("whatever the sources tell", () => {
	const bytes = fc.option(fc.nat({ max: 1e6 }), { nil: null });
	const fraction = fc.option(fc.double({ min: 0, max: 1.5, noNaN: true }), { nil: null });
	const pid = fc.integer({ min: 1, max: 6 });
	const process = fc.record({ pid, memoryBytes: bytes, busyFraction: fraction, name: fc.constant(null) });
	const gpu = fc
		.record({
			usedBytes: bytes,
			busyFraction: fraction,
			processes: fc.option(fc.uniqueArray(process, { selector: (one) => one.pid, maxLength: 6 }), { nil: null }),
		})
		.map(gpuWith);
	const pids = fc.uniqueArray(pid, { maxLength: 3 });
	const ours = fc
		.record({ ids: pids, ended: pids, seen: fc.boolean() })
		.map(({ ids, ended, seen }) => own({ ids: [...ids, ...ended], mayBeOnGpu: ids, justEnded: ended, seen }));

	test("ours and others' together are what is used, and neither is below nothing", () => {
		fc.assert(
			fc.property(gpu, ours, (seen, processes) => {
				const { memory, busy } = subtractOwnUse(seen, processes);
				for (const [all, mine, others] of [
					[memory.usedBytes, memory.oursBytes, memory.othersBytes],
					[busy.totalFraction, busy.oursFraction, busy.othersFraction],
				] as const) {
					if (others === null || mine === null || all === null) continue;
					expect(mine).toBeGreaterThanOrEqual(0);
					expect(others).toBeGreaterThanOrEqual(0);
					expect(mine + others).toBeCloseTo(all, 9);
					expect(mine + others).toBeLessThanOrEqual(all + Number.EPSILON);
				}
			}),
		);
	});

	test("what is unknown stays unknown", () => {
		fc.assert(
			fc.property(gpu, ours, (seen, processes) => {
				const { memory, busy } = subtractOwnUse(seen, processes);
				if (seen.usedBytes === null) expect(memory.othersBytes).toBeNull();
				if (seen.busyFraction === null) expect(busy.othersFraction).toBeNull();
				if (memory.oursBytes === null) expect(memory.othersBytes).toBeNull();
				const mine = (seen.processes ?? []).filter((one) => processes.ids.has(one.pid));
				if (mine.some((one) => one.memoryBytes === null)) expect(memory.oursBytes).toBeNull();
				if (seen.processes === null && processes.ids.size > 0) expect(memory.oursBytes).toBeNull();
			}),
		);
	});
});
