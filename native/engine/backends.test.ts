import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { describeBackend, probeBackends } from "./backends.ts";

let folder: string | null = null;
afterEach(() => {
	if (folder !== null) rmSync(folder, { recursive: true });
	folder = null;
});

/** A process that does this instead of trying a backend. */
function entry(code: string): string {
	folder = mkdtempSync(join(tmpdir(), "nightshift-probe-"));
	const entryPath = join(folder, "probe.mjs");
	writeFileSync(entryPath, code);
	return entryPath;
}

describe("backends", () => {
	it("are all tried on this computer: the processor computes, and each that does not says why", async () => {
		const backends = await probeBackends();
		expect(backends.map(({ name }) => name)).toEqual(["CUDA", "Vulkan", "Metal", "CPU"]);
		const processor = backends.at(-1);
		expect(processor).toMatchObject({ state: "loads" });
		expect(processor?.devices).not.toEqual([]);
		for (const { state, detail, devices } of backends) {
			expect(detail.length).toBeGreaterThan(10);
			expect(detail).not.toMatch(/NoBinaryFound|undefined/);
			expect(devices.length > 0).toBe(state === "loads");
		}
		if (process.platform !== "darwin") {
			expect(backends[2]?.detail).toBe(`There is no Metal binary for ${process.platform} on ${process.arch}.`);
		}
	});

	it("that take their process down are told with its last words", async () => {
		const entryPath = entry('console.error("the driver is broken"); process.kill(process.pid, "SIGKILL");');
		for (const { state, detail } of await probeBackends({ entryPath })) {
			expect(state).toBe("fails");
			expect(detail).toContain("the driver is broken");
		}
	});

	it("that hang are given up", async () => {
		const entryPath = entry("setInterval(() => {}, 1_000);");
		const [first] = await probeBackends({ entryPath, limitMs: 10 });
		expect(first).toMatchObject({ state: "fails", detail: expect.stringContaining("did not answer") });
	});

	it("are told apart by what is missing: a package, a driver, a device", () => {
		const words = (answer: Parameters<typeof describeBackend>[1]) => describeBackend("cuda", answer);
		expect(words({ kind: "no-binary", packageName: "@some/package" })).toMatchObject({
			state: "absent",
			detail: expect.stringContaining("@some/package is not installed"),
		});
		expect(words({ kind: "no-driver", message: "libcuda.so.1: not there" })).toMatchObject({
			state: "absent",
			detail: expect.stringContaining("NVIDIA's driver is not installed"),
		});
		expect(words({ kind: "fails", message: "libcublas is too old" })).toMatchObject({ state: "fails" });
		expect(words({ kind: "loads", devices: [], release: "b1" })).toMatchObject({ state: "fails", devices: [] });
		expect(words({ kind: "loads", devices: ["RTX"], release: "b1" })).toEqual({
			name: "CUDA",
			state: "loads",
			detail: "llama.cpp b1 computes on RTX.",
			devices: ["RTX"],
		});
	});
});
