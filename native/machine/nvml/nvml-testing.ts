/** What holds for every NVIDIA GPU, played or real. Must never be imported by the product. */
import { expect } from "vitest";
import type { Result } from "../../base/base.ts";
import type { Question, SeenGpu, Sight, Source, SourceFault } from "../source.ts";

/** A look that wants to know nothing special. */
export function plainQuestion(signal: AbortSignal = AbortSignal.timeout(30_000)): Question {
	return { ownProcessIds: [], inferenceProcessIds: [], programs: [], signal };
}

/** The GPUs a look finds; it must find out. */
export async function gpusOf(source: Source): Promise<readonly SeenGpu[]> {
	const seen = await source.look(plainQuestion());
	expect(seen).toMatchObject({ ok: true });
	return seen.ok ? (seen.value.gpus ?? []) : [];
}

/** Why a look finds nothing; it must fail. */
export function faultOf(seen: Result<Sight, SourceFault>): SourceFault {
	if (seen.ok) throw new Error("it answers");
	return seen.error;
}

/** Its figures can be, and go together. */
export function expectSound(gpu: SeenGpu): void {
	expect(gpu.id).toMatch(/^nvidia:GPU-[0-9a-f-]{36}$/);
	expect(gpu.name).not.toBe("");
	expect(gpu.vendor).toBe("nvidia");
	expect(gpu.pciAddress).toMatch(/^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.0$/);
	const totalBytes = gpu.totalBytes ?? Number.NaN;
	const usedBytes = gpu.usedBytes ?? Number.NaN;
	expect(totalBytes).toBeGreaterThan(2 ** 30);
	expect(usedBytes).toBeGreaterThanOrEqual(0);
	expect(usedBytes).toBeLessThanOrEqual(totalBytes);
	expectBetween(gpu.busyFraction, 0, 1);
	expectBetween(gpu.powerWatts, 0, 2_000);
	expectBetween(gpu.powerLimitWatts, 1, 2_000);
	expectBetween(gpu.temperatureCelsius, 1, 120);
	expectBetween(gpu.clockMegahertz, 1, 10_000);
	const pids = (gpu.processes ?? []).map(({ pid }) => pid);
	expect(new Set(pids).size).toBe(pids.length);
	for (const process of gpu.processes ?? []) {
		expectBetween(process.busyFraction, 0, 1);
		expectBetween(process.memoryBytes, 0, totalBytes);
	}
}

function expectBetween(value: number | null, least: number, most: number): void {
	if (value === null) return;
	expect(value).toBeGreaterThanOrEqual(least);
	expect(value).toBeLessThanOrEqual(most);
}
