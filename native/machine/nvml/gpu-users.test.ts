import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeLists, readBusyness } from "./gpu-users.ts";
import type { ListedProcess } from "./nvml-lists.ts";

const whole = "ffffffffffffffff";
const listed = (pid: number, memoryBytes: number | null, part = whole): ListedProcess => ({ pid, memoryBytes, part });
const memoryOf = (...lists: readonly (readonly ListedProcess[])[]) =>
	mergeLists(lists, null).map(({ pid, memoryBytes }) => [pid, memoryBytes]);

test("parts of a divided GPU count together, one that is unknown makes the sum unknown", () => {
	expect(memoryOf([listed(7, 100, "a"), listed(7, 30, "b"), listed(8, 5, "a")])).toEqual([
		[7, 130],
		[8, 5],
	]);
	expect(memoryOf([listed(7, 100, "a"), listed(7, null, "b")])).toEqual([[7, null]]);
});

test("one list's figure stands in for the other's unknown one", () => {
	expect(memoryOf([listed(7, null)], [listed(7, 100)])).toEqual([[7, 100]]);
	expect(memoryOf([listed(7, null)], [listed(7, null)])).toEqual([[7, null]]);
});

test("whoever is not known to be busy did nothing, unless nothing is known", () => {
	expect(mergeLists([[listed(7, 1)]], new Map([[8, 0.5]]))).toMatchObject([{ busyFraction: 0 }]);
	expect(mergeLists([[listed(7, 1)]], null)).toMatchObject([{ busyFraction: null }]);
});

const lists = fc.array(fc.array(fc.record({ pid: fc.nat(5), memoryBytes: fc.nat(1_000), part: fc.constant(whole) })), {
	maxLength: 2,
});

test("whatever lists say, every process is there once, with the most any of them says of it", () => {
	fc.assert(
		fc.property(lists, (each) => {
			const all = each.flat();
			const merged = mergeLists(each, null);
			expect(new Set(merged.map(({ pid }) => pid)).size).toBe(merged.length);
			expect(new Set(merged.map(({ pid }) => pid))).toEqual(new Set(all.map(({ pid }) => pid)));
			for (const { pid, memoryBytes } of merged) {
				const said = all.filter((one) => one.pid === pid).map((one) => one.memoryBytes);
				expect(memoryBytes).toBe(Math.max(...said));
			}
		}),
	);
});

const samples = fc.array(
	fc.record({ pid: fc.nat(5), percent: fc.nat(200), atMicroseconds: fc.bigInt({ min: 0n, max: 100n }) }),
);

test("whatever samples say, nobody is more than fully busy, and nothing from before counts", () => {
	fc.assert(
		fc.property(samples, fc.bigInt({ min: 0n, max: 100n }), (each, sinceUs) => {
			const { fractions } = readBusyness(each, sinceUs);
			for (const [pid, fraction] of fractions) {
				expect(fraction).toBeGreaterThanOrEqual(0);
				expect(fraction).toBeLessThanOrEqual(1);
				expect(each.some((one) => one.pid === pid && one.atMicroseconds > sinceUs)).toBe(true);
			}
		}),
	);
});
