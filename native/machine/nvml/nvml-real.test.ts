/** The real library, on a computer that has an NVIDIA GPU; what it tells is held against NVIDIA's own tool. */
import { execFileSync, spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Source } from "../source.ts";
import { createNvmlSource } from "./nvml.ts";
import { expectSound, gpusOf } from "./nvml-testing.ts";

/** A driver without a card this process may use, as in a container, has nothing to tell. */
const hasGpu = /^GPU \d/m.test(spawnSync("nvidia-smi", ["-L"], { encoding: "utf8" }).stdout ?? "");

let source: Source;
beforeEach(() => {
	source = createNvmlSource();
});
afterEach(() => source.stop());

/** A line a GPU, its fields in the order they are asked for. */
function askTool(...fields: readonly string[]): readonly (readonly string[])[] {
	const query = [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits"];
	const output = execFileSync("nvidia-smi", query, { encoding: "utf8" });
	return output
		.trimEnd()
		.split("\n")
		.map((line) => line.split(", "));
}

describe.skipIf(!hasGpu)(`NVIDIA's own library${hasGpu ? "" : " (skipped: there is no NVIDIA GPU here)"}`, () => {
	test("tells figures that can be, look after look", async () => {
		for (let looks = 0; looks < 5; looks++) {
			const gpus = await gpusOf(source);
			expect(gpus.length).toBeGreaterThan(0);
			for (const gpu of gpus) expectSound(gpu);
		}
	});

	test("tells the same GPUs as NVIDIA's tool", async () => {
		const gpus = await gpusOf(source);
		const told = gpus.map(({ id, name, pciAddress, totalBytes }) => [
			id.replace("nvidia:", ""),
			name,
			`0000${pciAddress}`,
			String((totalBytes ?? 0) / 2 ** 20),
		]);
		const tool = askTool("uuid", "name", "pci.bus_id", "memory.total");
		expect(told).toEqual(tool.map(([uuid, name, bus, total]) => [uuid, name, bus?.toLowerCase(), total]));
	});

	test("tells about as much memory in use as NVIDIA's tool", async () => {
		const gpus = await gpusOf(source);
		const tool = askTool("memory.used");
		for (const [index, gpu] of gpus.entries()) {
			const differenceBytes = (gpu.usedBytes ?? Number.NaN) - Number(tool[index]?.[0]) * 2 ** 20;
			expect(Math.abs(differenceBytes)).toBeLessThan(2 ** 30);
		}
	});
});
