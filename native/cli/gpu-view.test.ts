import { expect, test } from "vitest";
import type { GpuPack, GpuPackState } from "../contract/contract.ts";
import { describePacks } from "./gpu-view.ts";

const MEGABYTE = 2 ** 20;

function printed(state: GpuPackState, more: Partial<GpuPack> = {}): string {
	const pack: GpuPack = {
		name: "cuda",
		title: "CUDA for NVIDIA",
		version: "3.22.1",
		download_bytes: 305 * MEGABYTE,
		disk_bytes: 538 * MEGABYTE,
		gpus: ["RTX 4090"],
		needs: null,
		replaces: null,
		state,
		...more,
	};
	return describePacks({ data: [pack], in_use: { backend: "vulkan", words: "demo runs on Vulkan." } });
}

test("a pack that fits is told with what it takes, and what else it needs", () => {
	expect(
		printed({ kind: "available" }),
	).toBe(`CUDA for NVIDIA 3.22.1: not installed. It fits RTX 4090: 'nightshift gpu install' fetches 305 MB; it takes 538 MB on the disk.
demo runs on Vulkan.
`);
	const more = { needs: "Install the CUDA Toolkit.", replaces: "3.21.0" };
	expect(printed({ kind: "available" }, more)).toContain(`
  Version 3.21.0 is here and belongs to an earlier Nightshift: it is replaced.
  Install the CUDA Toolkit.
`);
	expect(printed({ kind: "not-needed", words: "No GPU." }, more)).not.toContain("Toolkit");
});

test.each<readonly [GpuPackState, string]>([
	[
		{ kind: "downloading", received_bytes: 100 * MEGABYTE, bytes_per_second: 12 * MEGABYTE },
		"100 MB of 305 MB, 12 MB/s.",
	],
	[{ kind: "paused", received_bytes: MEGABYTE }, "paused at 1 MB of 305 MB. 'nightshift gpu install' goes on."],
	[{ kind: "verifying" }, "its checksum is compared"],
	[{ kind: "installed", works: true, words: "It computes on RTX." }, "installed. It computes on RTX."],
	[{ kind: "installed", works: false, words: "No driver." }, "installed, but not used. No driver."],
	[{ kind: "failed", words: "The disk is full.", received_bytes: 1 }, "failed. The disk is full."],
])("one that is %j says so", (state, words) => {
	expect(printed(state)).toContain(words);
});

test("a computer without packs is told that it needs none", () => {
	expect(describePacks({ data: [], in_use: { backend: null, words: "No model is in memory." } })).toContain(
		"none is needed",
	);
});
