/** Reads one NVIDIA GPU. */
import { err, ok, type Result } from "../../base/base.ts";
import type { SeenGpu } from "../source.ts";
import { mergeLists, readBusyness } from "./gpu-users.ts";
import type { NvmlCalls } from "./nvml-calls.ts";
import { type Answer, type NvmlDevice, nvmlCode } from "./nvml-codes.ts";
import { weigh } from "./nvml-faults.ts";

/** A GPU, and what is remembered of it between looks. */
export interface NvmlGpu {
	readonly device: NvmlDevice;
	readonly id: string;
	readonly name: string;
	readonly pciAddress: string | null;
	/** What it does not tell, by the names of the functions: it is not asked again. */
	readonly untold: Set<keyof NvmlCalls>;
	/** When the newest sample of its use so far was taken; null: none was looked at yet. */
	newestSampleUs: bigint | null;
}

/** Functions that tell one thing of a GPU. */
type Figure = Exclude<
	keyof NvmlCalls,
	"init" | "shutdown" | "describe" | "driverVersion" | "deviceCount" | "deviceByIndex"
>;

/** Reads it, one call after the other: more at once would hang more threads. The error is the code of a GPU that tells nothing. */
export async function readGpu(calls: NvmlCalls, gpu: NvmlGpu, signal: AbortSignal): Promise<Result<SeenGpu, number>> {
	const { device, id, name, pciAddress } = gpu;
	const reader = createReader(gpu, signal);
	const memory = await reader.ask("memory", () => calls.memory(device));
	const percent = await reader.ask("busyPercent", () => calls.busyPercent(device));
	const compute = await reader.ask("computeProcesses", () => calls.computeProcesses(device));
	const graphics = await reader.ask("graphicsProcesses", () => calls.graphicsProcesses(device));
	const fractions = await readFractions(calls, gpu, reader, percent);
	const powerMilliwatts = await reader.ask("powerMilliwatts", () => calls.powerMilliwatts(device));
	const limitMilliwatts = await reader.ask("powerLimitMilliwatts", () => calls.powerLimitMilliwatts(device));
	const celsius = await reader.ask("celsius", () => calls.celsius(device));
	const megahertz = await reader.ask("clockMegahertz", () => calls.clockMegahertz(device));
	if (reader.lostCode !== null) return err(reader.lostCode);
	const lists = [compute, graphics].filter((list) => list !== null);
	return ok({
		...{ id, name, vendor: "nvidia", pciAddress },
		totalBytes: memory?.totalBytes ?? null,
		usedBytes: memory?.usedBytes ?? null,
		busyFraction: percent === null ? null : Math.min(percent / 100, 1),
		powerWatts: powerMilliwatts === null ? null : powerMilliwatts / 1_000,
		powerLimitWatts: limitMilliwatts === null ? null : limitMilliwatts / 1_000,
		temperatureCelsius: celsius,
		clockMegahertz: megahertz,
		processes: lists.length === 0 ? null : mergeLists(lists, fractions),
	});
}

/** Asks for one figure after the other, until the GPU turns out to be lost or the time is up. */
interface Reader {
	/** Null: it can't be told. */
	ask<T>(figure: Figure, call: () => Answer<T>): Promise<T | null>;
	readonly lostCode: number | null;
}

function createReader(gpu: NvmlGpu, signal: AbortSignal): Reader {
	let lostCode: number | null = null;
	return {
		async ask(figure, call) {
			if (signal.aborted) lostCode ??= nvmlCode.timeout;
			if (lostCode !== null || gpu.untold.has(figure)) return null;
			const answer = await call();
			if (answer.ok) return answer.value;
			const weight = weigh(answer.error);
			if (weight === "never") gpu.untold.add(figure);
			// Every card tells its memory at all times; some never tell one of the rest but by an error nobody has heard of.
			else if (weight === "lost" || figure === "memory") lostCode = answer.error;
			return null;
		},
		get lostCode() {
			return lostCode;
		},
	};
}

/**
 * How busy each process was since the last look; null: it can't be told. The first look has nothing to begin from. A GPU that is
 * busy while nobody seems to be has samples that are not in yet, or new ones that look old since the clock was set back.
 */
async function readFractions(
	calls: NvmlCalls,
	gpu: NvmlGpu,
	reader: Reader,
	percent: number | null,
): Promise<ReadonlyMap<number, number> | null> {
	const samplesSince = (sinceUs: bigint) =>
		reader.ask("processSamples", async () => {
			const answer = await calls.processSamples(gpu.device, sinceUs);
			return !answer.ok && answer.error === nvmlCode.notFound ? ok([]) : answer;
		});
	const sinceUs = gpu.newestSampleUs;
	const samples = await samplesSince(sinceUs ?? 0n);
	if (samples === null) return null;
	const { fractions, newestUs } = readBusyness(samples, sinceUs ?? 0n);
	if (sinceUs === null) {
		gpu.newestSampleUs = newestUs ?? 0n;
		return newestUs === null ? fractions : null;
	}
	if (fractions.size === 0 && percent !== null && percent > 0) {
		const all = readBusyness((await samplesSince(0n)) ?? [], 0n);
		if (all.newestUs !== null && all.newestUs < sinceUs) gpu.newestSampleUs = all.newestUs;
		return null;
	}
	if (newestUs !== null && newestUs > sinceUs) gpu.newestSampleUs = newestUs;
	return fractions;
}
