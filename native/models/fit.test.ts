import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesFor, compareFits, fitOf, type MachineMemory, type ModelNeeds, memoryOf } from "./fit.ts";

const GIB = 2 ** 30;
const eightBillion: ModelNeeds = {
	sizeBytes: 4.7 * GIB,
	cache: { bytesPerToken: 147_456, windowBytesPerToken: 0, windowTokens: 0 },
	trainedContextTokens: 40_960,
};
const machine = (gpu: number | null, main = 30): MachineMemory => ({
	gpuBytes: gpu === null ? null : gpu * GIB,
	isUnified: false,
	mainBytes: main * GIB,
});

describe("a model", () => {
	test.each([
		[24, 30, "gpu", "needs about 9.9 GB; 24 GB of GPU memory"],
		[8, 30, "gpu", "needs about 6.5 GB for one text at a time; 8.0 GB of GPU memory"],
		[6, 30, "partly", "needs about 6.5 GB; 6.0 GB of GPU memory, the rest in main memory: slower"],
		[2, 30, "processor", "needs about 9.9 GB; 2.0 GB of GPU memory, so in main memory: slow"],
		[2, 3, "too-big", "needs about 6.5 GB; 2.0 GB of GPU memory, 5.0 GB of main memory"],
		[null, 30, "processor", "needs about 9.9 GB; 32 GB of main memory, no GPU: slow"],
		[null, 4, "too-big", "needs about 9.9 GB; 6.0 GB of main memory"],
	])("on a machine with %s GB of GPU memory and %s GB for it in main memory is %s", (gpu, main, kind, words) => {
		const fit = fitOf(eightBillion, machine(gpu, main));
		expect(fit).toEqual({ kind, words: words.replaceAll(".0 GB", " GB") });
	});

	test("that looks at the last tokens only, or was trained on short texts, takes less", () => {
		const cache = { bytesPerToken: 0, windowBytesPerToken: 147_456, windowTokens: 1_024 };
		expect(bytesFor({ ...eightBillion, cache }, 4)).toBeLessThan(bytesFor(eightBillion, 1));
		expect(bytesFor({ ...eightBillion, trainedContextTokens: 512 }, 4)).toBeLessThan(bytesFor(eightBillion, 1));
	});

	test("whose memory is not known is judged by what is usual for its size", () => {
		expect(fitOf({ ...eightBillion, cache: null }, machine(24)).kind).toBe("gpu");
		expect(fitOf(eightBillion, machine(null, 0)).kind).toBe("unknown");
	});

	test("never fits worse where there is more GPU memory", () => {
		const gigabytes = fc.double({ min: 0.5, max: 100, noNaN: true });
		fc.assert(
			fc.property(gigabytes, gigabytes, gigabytes, gigabytes, (size, gpu, more, main) => {
				const needs = { ...eightBillion, sizeBytes: size * GIB };
				const less = fitOf(needs, machine(gpu, main)).kind;
				expect(compareFits(fitOf(needs, machine(gpu + more, main)).kind, less)).toBeLessThanOrEqual(0);
			}),
		);
	});
});

test("the biggest GPU counts, and Apple's memory is shared", () => {
	const gpu = (totalBytes: number | null, vendor: "nvidia" | "apple" = "nvidia") => ({
		id: "x",
		name: "x",
		vendor,
		memory: { totalBytes, usedBytes: null, oursBytes: null, othersBytes: null },
		busy: { totalFraction: null, oursFraction: null, othersFraction: null },
		powerWatts: null,
		powerLimitWatts: null,
		temperatureCelsius: null,
		clockMegahertz: null,
		processes: null,
		source: "x",
	});
	const memory = { totalBytes: 32 * GIB, availableBytes: 1, oursBytes: null };
	expect(memoryOf({ gpus: [gpu(8 * GIB), gpu(24 * GIB), gpu(null)], memory })).toMatchObject({ gpuBytes: 24 * GIB });
	expect(memoryOf({ gpus: [], memory })).toMatchObject({ gpuBytes: null, mainBytes: 30 * GIB });
	expect(memoryOf({ gpus: [gpu(null, "apple")], memory })).toMatchObject({ gpuBytes: 24 * GIB, isUnified: true });
});
