import fc from "fast-check";
import { expect, test } from "vitest";
import { formatMemory } from "./format-memory.ts";
import { describeGpu } from "./gpu-card.ts";
import { sampleGpu } from "./testing.ts";

const GIGABYTE = 2 ** 30;

test("memory is told as ours, others' and free", () => {
	const { memory } = describeGpu(sampleGpu());
	expect(memory?.parts.map(({ label }) => label)).toEqual(["10 GB ours", "2.0 GB others", "12 GB free"]);
	expect(memory?.total).toBe("of 24 GB");
});

test("where it can't be told whose memory it is, only what is used is said", () => {
	const memory = { totalBytes: 8 * GIGABYTE, usedBytes: 2 * GIGABYTE, oursBytes: null, othersBytes: null };
	expect(describeGpu(sampleGpu({ memory })).memory?.parts.map(({ label }) => label)).toEqual([
		"2.0 GB used",
		"6.0 GB free",
	]);
	const unknown = { totalBytes: null, usedBytes: null, oursBytes: null, othersBytes: null };
	expect(describeGpu(sampleGpu({ memory: unknown })).memory).toBeNull();
});

test("the parts of the bar make the whole, however looks at different moments disagree", () => {
	const bytes = fc.integer({ min: 0, max: 50 * GIGABYTE });
	fc.assert(
		fc.property(
			bytes,
			bytes,
			bytes,
			fc.integer({ min: 1, max: 50 * GIGABYTE }),
			(usedBytes, oursBytes, othersBytes, totalBytes) => {
				const memory = { totalBytes, usedBytes, oursBytes, othersBytes };
				const parts = describeGpu(sampleGpu({ memory })).memory?.parts ?? [];
				expect(parts.every(({ fraction }) => fraction >= 0)).toBe(true);
				expect(parts.reduce((sum, { fraction }) => sum + fraction, 0)).toBeLessThanOrEqual(1 + 1e-9);
			},
		),
	);
});

test("programs stand by their size; ours by our name, those without one by words", () => {
	const process = { pid: 1, name: "Xorg", isOurs: false, memoryBytes: 512 * 2 ** 20, busyFraction: null };
	const processes = [
		process,
		{ ...process, pid: 2, name: "node", isOurs: true, memoryBytes: 10 * GIGABYTE, busyFraction: 0.5 },
		{ ...process, pid: 3, name: null, memoryBytes: null },
	];
	expect(describeGpu(sampleGpu({ processes })).processes).toEqual([
		{ pid: 2, name: "Nightshift", isOurs: true, use: "10 GB, 50%" },
		{ pid: 1, name: "Xorg", isOurs: false, use: "512 MB" },
		{ pid: 3, name: "a program without a name", isOurs: false, use: "unknown" },
	]);
	expect(describeGpu(sampleGpu({ processes: null })).processes).toBeNull();
});

test("memory counts as cards are sold", () => {
	expect([24 * GIGABYTE, 6.1 * GIGABYTE, 410 * 2 ** 20, 0].map(formatMemory)).toEqual([
		"24 GB",
		"6.1 GB",
		"410 MB",
		"0 MB",
	]);
});
