import { expect, test } from "vitest";
import { parseFdinfo } from "./fdinfo.ts";

/** Recorded forms of other drivers; amdgpu's is in `amd.test.ts`. */
const I915 = `pos:	0
drm-driver: i915
drm-pdev:	0000:00:02.0
drm-client-id:	7
drm-total-system0:	125 MiB
drm-resident-system0:	96 MiB
drm-engine-render:	9288864723 ns
drm-engine-video:	2000 ns
drm-engine-capacity-video:	2
`;

const NEW_AMDGPU = `drm-driver:	amdgpu
drm-client-id:	5
drm-pdev:	0000:0A:00.0
drm-memory-vram:	100 KiB
drm-resident-vram:	120 KiB
drm-resident-gtt:	50 KiB
`;

test("a GPU without memory of its own tells the main memory it uses", () => {
	expect(parseFdinfo(I915)).toEqual({
		pciAddress: "0000:00:02.0",
		id: "7",
		memoryBytes: 96 * 1024 ** 2,
		engines: new Map([
			["render", 9288864723],
			["video", 1000],
		]),
	});
});

test("the newer key wins over the older one that says the same", () => {
	expect(parseFdinfo(NEW_AMDGPU)).toEqual({
		pciAddress: "0000:0a:00.0",
		id: "5",
		memoryBytes: 120 * 1024,
		engines: new Map(),
	});
});

test("other files are none of a GPU's", () => {
	expect(parseFdinfo("pos:\t0\nflags:\t02\n")).toBeNull();
	expect(parseFdinfo("drm-driver:\tvgem\ndrm-client-id:\t3\n")).toBeNull();
	expect(parseFdinfo("")).toBeNull();
});
