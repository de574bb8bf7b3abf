import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findCudaRuntimes, gpusFor, needsOf } from "./fitting.ts";
import { nvidiaGpu } from "./testing.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-cuda-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(...names: readonly string[]): void {
	for (const name of names) {
		mkdirSync(join(folder, name, ".."), { recursive: true });
		writeFileSync(join(folder, name), "");
	}
}

test("a pack is for NVIDIA's GPUs, by their names", () => {
	const other = { ...nvidiaGpu, id: "pci:1", name: "Radeon", vendor: "amd" } as const;
	expect(gpusFor({ gpus: [other, nvidiaGpu] })).toEqual(["NVIDIA GeForce RTX 4090"]);
	expect(gpusFor({ gpus: [other] })).toEqual([]);
});

test("it needs NVIDIA's driver first, then a version of NVIDIA's libraries that it is made for", () => {
	const nvml = (state: "answers" | "absent" | "failed") => ({ sources: [{ name: "NVML", state, detail: "" }] });
	expect(needsOf(nvml("absent"), [13])).toContain("driver");
	expect(needsOf(nvml("answers"), [])).toContain("CUDA Toolkit");
	expect(needsOf(nvml("answers"), [11])).toContain("CUDA Toolkit");
	// A driver that does not answer now is there.
	expect(needsOf(nvml("failed"), [11, 12])).toBeNull();
});

test("on Linux the libraries are found where the loader and the toolkit have them, both of a version together", () => {
	put("lib/libcudart.so.13", "lib/libcublas.so.13.0.2", "lib/libcublasLt.so.12", "lib/libcudart.so.12.4.99");
	put("toolkit/targets/x86_64-linux/lib/libcublas.so.11", "toolkit/targets/x86_64-linux/lib/libcudart.so.11.0");
	const environment = { LD_LIBRARY_PATH: `:${join(folder, "nothing")}:${join(folder, "lib")}`, CUDA_PATH: "" };
	expect(findCudaRuntimes(environment, "linux")).toContain(13);
	expect(findCudaRuntimes(environment, "linux")).not.toContain(11);
	expect(findCudaRuntimes({ CUDA_PATH: join(folder, "toolkit") }, "linux")).toContain(11);
});

test("on Windows they are found on the path, and in the toolkit's folders of either kind", () => {
	put("bin/cudart64_12.dll", "bin/cublas64_12.dll", "bin/cublasLt64_12.dll", "v13/bin/x64/cudart64_13.dll");
	put("v13/bin/x64/cublas64_13.dll", "v13/bin/cudart64_110.dll");
	expect(findCudaRuntimes({ Path: `${folder};${join(folder, "bin")}`, ProgramFiles: folder }, "win32")).toEqual([12]);
	const both = { PATH: join(folder, "bin"), CUDA_PATH: join(folder, "v13"), ProgramFiles: folder };
	expect(findCudaRuntimes(both, "win32")).toEqual([12, 13]);
});
