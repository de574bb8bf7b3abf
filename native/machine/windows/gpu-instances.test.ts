import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readItems } from "./gpu-counters.ts";
import { readInstance, sumCounters } from "./gpu-instances.ts";

describe("an instance's name", () => {
	test("of an engine tells process, adapter and engine", () => {
		expect(readInstance("pid_1234_luid_0x00000000_0x0000D1CE_phys_0_eng_0_engtype_3D")).toEqual({
			pid: 1234,
			luid: 0xd1cen,
			engine: "0:0",
		});
		expect(readInstance("pid_0_luid_0x0000000A_0x0000D1CE_phys_1_eng_12_engtype_Compute 1#2")).toEqual({
			pid: 0,
			luid: 0xa_0000_d1cen,
			engine: "1:12",
		});
		expect(readInstance("pid_7_luid_0x00000000_0x0000d1ce_phys_0_eng_3_engtype_")).toMatchObject({ engine: "0:3" });
	});

	test("of memory tells process and adapter, or only the adapter", () => {
		expect(readInstance("pid_1234_luid_0x00000000_0x0000D1CE_phys_0")).toMatchObject({ pid: 1234, engine: null });
		expect(readInstance("luid_0x00000000_0x0000D1CE_phys_0")).toEqual({ pid: null, luid: 0xd1cen, engine: null });
		expect(readInstance("luid_0x00000000_0x0000D1CE_phys_0_part_0")).toMatchObject({ luid: 0xd1cen });
	});

	test("of another form is none", () => {
		expect(readInstance("_Total")).toBeNull();
		expect(readInstance("pid_x_luid_0x0_0x1_phys_0")).toBeNull();
		expect(readInstance("")).toBeNull();
	});
});

describe("the counters together", () => {
	const engine = (pid: number, number: number) => `pid_${pid}_luid_0x0_0x1_phys_0_eng_${number}_engtype_3D`;

	test("make a GPU as busy as its busiest engine, not as all together", () => {
		const engines = [
			{ instance: engine(1, 0), value: 30 },
			{ instance: engine(2, 0), value: 20 },
			{ instance: engine(1, 1), value: 40 },
		];
		const use = sumCounters({ engines, processMemory: [], adapterMemory: [] }).get(1n);
		expect(use?.busyFraction).toBe(0.5);
		expect(use?.processes?.get(1)).toEqual({ memoryBytes: 0, busyFraction: 0.4 });
	});

	test("that did not answer leave null, not nought", () => {
		const adapterMemory = [{ instance: "luid_0x0_0x1_phys_0", value: 5 }];
		expect(sumCounters({ engines: null, processMemory: null, adapterMemory }).get(1n)).toEqual({
			usedBytes: 5,
			busyFraction: null,
			processes: null,
		});
		expect(sumCounters({ engines: null, processMemory: [], adapterMemory: null }).size).toBe(0);
	});

	test("add the memory of linked adapters", () => {
		const adapterMemory = [0, 1].map((index) => ({ instance: `luid_0x0_0x1_phys_${index}`, value: 5 }));
		expect(sumCounters({ engines: [], processMemory: [], adapterMemory }).get(1n)?.usedBytes).toBe(10);
	});

	test("never make anything busier than all of it, nor a process busier than its GPU", () => {
		const item = fc.record({ pid: fc.nat(3), number: fc.nat(3), value: fc.double({ min: 0, max: 400, noNaN: true }) });
		fc.assert(
			fc.property(fc.array(item), (seen) => {
				const engines = seen.map(({ pid, number, value }) => ({ instance: engine(pid, number), value }));
				for (const use of sumCounters({ engines, processMemory: [], adapterMemory: [] }).values()) {
					const busy = use.busyFraction ?? -1;
					expect(busy).toBeGreaterThanOrEqual(0);
					expect(busy).toBeLessThanOrEqual(1);
					for (const process of use.processes?.values() ?? []) expect(process.busyFraction).toBeLessThanOrEqual(busy);
				}
			}),
		);
	});
});

test("items of a counter whose names lie outside the block are left out, whatever the block holds", () => {
	fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 200 }),
			fc.bigInt({ min: 0n, max: 2n ** 48n }),
			fc.nat(20),
			(bytes, at, count) => {
				for (const item of readItems(Buffer.from(bytes), at, count)) expect(item.value).toBeGreaterThanOrEqual(0);
			},
		),
	);
});
