import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeSights } from "./merge.ts";
import type { SeenGpu, Sight } from "./source.ts";
import { sampleGpu, sampleProcess } from "./source-testing.ts";

/** Null, absent or something. */
function maybe<T>(value: fc.Arbitrary<T>) {
	return fc.option(fc.option(value, { nil: null }), { nil: undefined });
}

const sight: fc.Arbitrary<Sight> = fc
	.record({
		idleMs: maybe(fc.nat()),
		isLocked: maybe(fc.boolean()),
		supply: maybe(fc.constantFrom("mains" as const, "battery" as const)),
		heat: maybe(fc.constantFrom("nominal" as const, "critical" as const)),
		ownCpuFraction: maybe(fc.float({ min: 0, max: 1, noNaN: true })),
		hasDesktop: fc.option(fc.boolean(), { nil: undefined }),
	})
	.map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));

const fields = ["idleMs", "isLocked", "supply", "heat", "ownCpuFraction", "hasDesktop"] as const;

test("of each field what the best source knows counts, and nothing is made up", () => {
	fc.assert(
		fc.property(fc.array(sight, { maxLength: 5 }), (sights) => {
			const merged = mergeSights(sights.map((seen, index) => ({ source: `source ${index}`, sight: seen })));
			for (const field of fields) {
				const known = sights.map((seen) => seen[field] ?? null).filter((value) => value !== null);
				expect(merged[field]).toBe(known[0] ?? null);
			}
		}),
	);
});

test("a source that knows a temperature only leaves the load to others", () => {
	const merged = mergeSights([
		{ source: "first", sight: { cpu: { totalFraction: null, temperatureCelsius: 61 } } },
		{ source: "second", sight: { cpu: { totalFraction: 0.5, temperatureCelsius: 44 } } },
	]);
	expect(merged).toMatchObject({ cpuFraction: 0.5, cpuTemperatureCelsius: 61 });
});

function mergeLists(...lists: readonly (readonly SeenGpu[])[]) {
	return mergeSights(lists.map((gpus, index) => ({ source: `source ${index}`, sight: { gpus } }))).gpus;
}

describe("a GPU of several sources", () => {
	test("is one by its address on the bus, with the first source's id and figures and the later one's where it has none", () => {
		const pciAddress = "0000:03:00.0";
		const merged = mergeLists(
			[sampleGpu({ pciAddress, usedBytes: 5 })],
			[sampleGpu({ id: `pci:${pciAddress}`, pciAddress, usedBytes: 7, powerWatts: 120 })],
		);
		expect(merged).toEqual([{ ...sampleGpu({ pciAddress, usedBytes: 5, powerWatts: 120 }), source: "source 0" }]);
	});

	test("is one by its id where no address is told", () => {
		expect(mergeLists([sampleGpu()], [sampleGpu({ temperatureCelsius: 50 })])).toHaveLength(1);
	});

	test("stays apart from others, and without an address and with another id it is another", () => {
		const merged = mergeLists([sampleGpu()], [sampleGpu({ id: "pci:0000:04:00.0", pciAddress: "0000:04:00.0" })]);
		expect(merged.map(({ id, source }) => [id, source])).toEqual([
			["nvidia:GPU-1", "source 0"],
			["pci:0000:04:00.0", "source 1"],
		]);
	});

	test("in parts that share an address stays in parts", () => {
		const part = (id: string) => sampleGpu({ id, pciAddress: "0000:03:00.0" });
		expect(mergeLists([part("one"), part("two")])).toHaveLength(2);
		expect(mergeLists([part("one"), part("two")], [part("two"), part("one")])).toHaveLength(2);
	});

	test("has the processes of both, each with all that is known of it", () => {
		const [gpu] = mergeLists(
			[sampleGpu({ processes: [sampleProcess(7, { name: null, busyFraction: 0.4 })] })],
			[sampleGpu({ processes: [sampleProcess(7, { memoryBytes: 100, busyFraction: 0.9 }), sampleProcess(8)] })],
		);
		expect(gpu?.processes).toEqual([
			{ pid: 7, name: "program 7", memoryBytes: 100, busyFraction: 0.4 },
			sampleProcess(8),
		]);
	});

	test("has the processes of whoever sees them", () => {
		const [gpu] = mergeLists([sampleGpu()], [sampleGpu({ processes: [] })]);
		expect(gpu?.processes).toEqual([]);
	});

	test("keeps every figure of the best source that has it, whatever the sources tell", () => {
		const figure = fc.option(fc.nat(), { nil: null });
		const gpu = fc.record({ usedBytes: figure, powerWatts: figure, clockMegahertz: figure }).map(sampleGpu);
		fc.assert(
			fc.property(fc.array(gpu, { minLength: 1, maxLength: 4 }), (seen) => {
				const [merged] = mergeLists(...seen.map((one) => [one]));
				for (const key of ["usedBytes", "powerWatts", "clockMegahertz"] as const) {
					expect(merged?.[key]).toBe(seen.map((one) => one[key]).find((value) => value !== null) ?? null);
				}
			}),
		);
	});
});
