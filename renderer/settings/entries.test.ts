import { expect, test } from "vitest";
import type { GpuProcess, MachineSnapshot } from "../../native/contract/contract.ts";
import { sampleGpu, sampleMachine } from "../machines/testing.ts";
import { hostOf, originOf, programName, suggestPrograms, withEntry, withoutEntry } from "./entries.ts";

function snapshotWith(...processes: readonly GpuProcess[]): MachineSnapshot {
	return sampleMachine({ gpus: [sampleGpu({ processes })] }).snapshot;
}

const process: GpuProcess = { pid: 1, name: "Blender", isOurs: false, memoryBytes: 100, busyFraction: null };

test("a program is named without its folder, its .exe and capitals", () => {
	expect(programName(" C:\\Games\\Factorio.EXE ")).toBe("factorio");
	expect(programName("/usr/bin/obs")).toBe("obs");
});

test("programs on the GPU are suggested once, the largest first, without ours and those that are listed", () => {
	const snapshot = snapshotWith(
		process,
		{ ...process, pid: 2, name: "obs.exe", memoryBytes: 900 },
		{ ...process, pid: 3, name: "Xorg", memoryBytes: 500 },
		{ ...process, pid: 4, name: "xorg", memoryBytes: null },
		{ ...process, pid: 5, name: "node", isOurs: true, memoryBytes: 9_000 },
		{ ...process, pid: 6, name: null, memoryBytes: 9_000 },
	);
	expect(suggestPrograms(snapshot, ["OBS"])).toEqual(["xorg", "blender"]);
	expect(suggestPrograms(null, [])).toEqual([]);
});

test("no more is suggested than one reads", () => {
	const many = Array.from({ length: 20 }, (_, pid) => ({ ...process, pid, name: `program-${pid}` }));
	expect(suggestPrograms(snapshotWith(...many), [])).toHaveLength(5);
});

test("an entry stands in a list once", () => {
	const list = ["obs"];
	expect(withEntry(list, "obs")).toBe(list);
	expect(withEntry(list, "")).toBe(list);
	expect(withEntry(list, "steam")).toEqual(["obs", "steam"]);
	expect(withoutEntry(["obs", "steam"], "obs")).toEqual(["steam"]);
});

test("of a pasted address the origin or the host is taken; what is none is left for the service to refuse", () => {
	expect(originOf("https://Example.com/path?x=1")).toBe("https://example.com");
	expect(originOf("http://localhost:3000/")).toBe("http://localhost:3000");
	expect(originOf("app://obsidian.md")).toBe("app://obsidian.md");
	expect(originOf("*")).toBe("*");
	expect(hostOf("https://Example.com:8443/hook")).toBe("example.com:8443");
	expect(hostOf("10.0.0.7:8080")).toBe("10.0.0.7:8080");
});
