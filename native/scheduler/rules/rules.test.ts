import fc from "fast-check";
import { expect, test } from "vitest";
import { type CauseKind, causeKindSchema, type MachineSnapshot } from "../../contract/contract.ts";
import { judge } from "./judge.ts";
import type { Facts } from "./rules.ts";
import { factsOf, momentOf, unknownComputer } from "./scenario-testing.ts";

const NOW_MS = momentOf("wednesday 14:00");

const anyLimits = fc.record({
	othersGpuPercent: fc.option(fc.integer({ min: 1, max: 100 })),
	othersGpuMemoryPercent: fc.option(fc.integer({ min: 1, max: 100 })),
	leastFreeGpuMegabytes: fc.option(fc.integer({ min: 0, max: 100_000 })),
	othersCpuPercent: fc.option(fc.integer({ min: 1, max: 100 })),
	leastFreeMemoryPercent: fc.option(fc.integer({ min: 0, max: 90 })),
	temperatureCelsius: fc.option(fc.integer({ min: 40, max: 120 })),
	onBattery: fc.boolean(),
	leastBatteryPercent: fc.integer({ min: 5, max: 100 }),
	ignore: fc.subarray(["Blender", "obs.exe", "steam"]),
	stopFor: fc.subarray(["Blender", "obs.exe", "steam"]),
});
const anyHeld = fc.subarray([...causeKindSchema.options]).map((kinds) => new Set<CauseKind>(kinds));
const anyFraction = fc.option(fc.double({ min: 0, max: 1, noNaN: true }));
const anyBytes = fc.option(fc.integer({ min: 0, max: 48 * 2 ** 30 }));
const anyGpu = fc.record({
	total: anyBytes,
	used: anyBytes,
	others: anyBytes,
	busy: anyFraction,
	process: fc.record({ name: fc.constantFrom(null, "Blender", "obs"), memory: anyBytes, busy: anyFraction }),
});

function factsWith(more: Partial<Facts>): Facts {
	return { ...factsOf({ mode: "always" }, NOW_MS), isOnProcessor: true, ...more };
}

/** A GPU as it is told; nothing is ours. */
function gpuOf(told: typeof anyGpu extends fc.Arbitrary<infer Told> ? Told : never): MachineSnapshot["gpus"][number] {
	return {
		id: "gpu",
		name: "GPU",
		vendor: "other",
		memory: { totalBytes: told.total, usedBytes: told.used, oursBytes: null, othersBytes: told.others },
		busy: { totalFraction: told.busy, oursFraction: null, othersFraction: told.busy },
		powerWatts: null,
		powerLimitWatts: null,
		temperatureCelsius: null,
		clockMegahertz: null,
		processes: [
			{
				pid: 1,
				isOurs: false,
				name: told.process.name,
				memoryBytes: told.process.memory,
				busyFraction: told.process.busy,
			},
		],
		source: "test",
	};
}

test("what can't be told stops nothing, whatever the limits", () => {
	const nothing = gpuOf({
		total: null,
		used: null,
		others: null,
		busy: null,
		process: { name: null, memory: null, busy: null },
	});
	fc.assert(
		fc.property(anyLimits, anyHeld, fc.boolean(), (limits, held, isOnProcessor) => {
			const settings = factsOf({ mode: "always", limits }, NOW_MS).settings;
			const snapshot = { ...unknownComputer(NOW_MS), gpus: [nothing] };
			const othersAtLoadBytes = new Map([["gpu", 0]]);
			expect(judge(factsWith({ settings, snapshot, held, isOnProcessor, othersAtLoadBytes }))).toEqual([]);
		}),
	);
});

test("a cause is found once at most, with words for now and for later", () => {
	fc.assert(
		fc.property(anyLimits, anyHeld, fc.array(anyGpu, { maxLength: 3 }), (limits, held, gpus) => {
			const settings = factsOf({ mode: "always", limits }, NOW_MS).settings;
			const snapshot = { ...unknownComputer(NOW_MS), gpus: gpus.map(gpuOf), programs: ["steam", "obs", "steam"] };
			const findings = judge(factsWith({ settings, snapshot, held, othersAtLoadBytes: new Map([["gpu", 0]]) }));
			expect(new Set(findings.map(({ kind }) => kind)).size).toBe(findings.length);
			for (const { words, pastWords } of findings) {
				for (const text of [words, pastWords]) expect(text).not.toMatch(/NaN|undefined|null|Infinity|^\s|\s$|\.$/);
				expect(pastWords).not.toBe("");
			}
		}),
	);
});

test("what is in force goes away at no higher use than it came", () => {
	fc.assert(
		fc.property(anyLimits, anyGpu, (limits, gpu) => {
			const settings = factsOf({ mode: "always", limits }, NOW_MS).settings;
			const snapshot = { ...unknownComputer(NOW_MS), gpus: [gpuOf(gpu)] };
			const kindsWith = (held: Facts["held"]) => judge(factsWith({ settings, snapshot, held })).map(({ kind }) => kind);
			expect(kindsWith(new Set(["gpu-busy", "gpu-memory"]))).toEqual(expect.arrayContaining(kindsWith(new Set())));
		}),
	);
});

test("without the GPU nothing about GPUs stops work", () => {
	fc.assert(
		fc.property(fc.array(anyGpu, { maxLength: 3 }), anyHeld, (gpus, held) => {
			const snapshot = { ...unknownComputer(NOW_MS), gpus: gpus.map(gpuOf) };
			expect(judge(factsWith({ snapshot, held, usesGpu: false }))).toEqual([]);
		}),
	);
});
