/** The real CUDA packages, where npm installed them, laid out as a pack. What is tested with a GPU differs from what is without. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silentLog, systemClock } from "../../base/base.ts";
import { locate } from "../../locations/locations.ts";
import { probeBackend } from "../backends.ts";
import { createEngine } from "../create-engine.ts";
import type { LoadedModel } from "../engine.ts";
import type { PackUse } from "../process/protocol.ts";
import { DEMO_MODEL_PATH, TEST_LOAD } from "../testing.ts";
import { installedModules } from "./create-packs.ts";
import { packKey, packsFor, partName, readPackList } from "./pack-list.ts";
import { createTestPacks } from "./testing.ts";

const packages = join(import.meta.dirname, "../../../node_modules");
const [pack] = packsFor(readPackList(locate("/nowhere").gpuPackListPath), process);
const isInstalled = pack?.parts.every((part) => existsSync(join(packages, part.package))) ?? false;
const hasDriver = existsSync("/dev/nvidiactl");
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-real-pack-"));
	if (pack === undefined || !isInstalled) return;
	const place = join(folder, "gpu-packs", packKey(pack));
	mkdirSync(place, { recursive: true });
	for (const part of pack.parts) cpSync(join(packages, part.package), join(place, partName(part)), { recursive: true });
	const parts = pack.parts.map((part) => ({ package: part.package, integrity: part.integrity }));
	writeFileSync(join(place, "pack.json"), JSON.stringify({ version: 1, pack: packKey(pack), parts }));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function load(packs: PackUse): Promise<LoadedModel> {
	const engine = createEngine({ clock: systemClock, log: silentLog, native: { gpu: "auto", packs } });
	try {
		const loaded = await engine.load({ path: DEMO_MODEL_PATH, name: "demo" }, { ...TEST_LOAD, gpuLayers: null });
		if (!loaded.ok) throw new Error(loaded.error.message);
		return loaded.value;
	} finally {
		await engine.stop();
	}
}

describe.skipIf(!isInstalled)("the real CUDA pack in a data folder", () => {
	const modules = () => installedModules(pack === undefined ? [] : [pack], join(folder, "gpu-packs"));

	test("is what the probe and node-llama-cpp find under the packages' names", async () => {
		expect(modules()).toHaveLength(2);
		const { state, detail } = await probeBackend("cuda", { packs: modules() });
		expect(detail.length).toBeGreaterThan(20);
		if (hasDriver) expect(["loads", "fails"]).toContain(state);
		else expect({ state, detail }).toMatchObject({ state: "absent", detail: expect.stringContaining("libcuda.so.1") });
	});

	test.skipIf(hasDriver)("leaves the work to the processor where there is no driver, and says why", async () => {
		const { gpu, notes } = await load({ modules: modules(), note: null });
		expect(gpu).toBe("none");
		expect(notes[0]).toMatch(/^The CUDA pack is here, but CUDA can't be used\. .*libcuda\.so\.1/);
		expect(notes.join(" ")).toContain("The processor does the work");
	});

	test.skipIf(hasDriver || pack === undefined)(
		"is tried at the start; after that models are loaded without it",
		async () => {
			if (pack === undefined) throw new Error("there is one");
			const packs = createTestPacks(folder, "http://127.0.0.1:9", pack, {
				tryBackend: (tried) => probeBackend("cuda", { packs: tried }),
			});
			await packs.start();
			await expect.poll(() => packs.describe().data[0]?.state).toMatchObject({ kind: "installed", works: false });
			const use = packs.forLoading();
			expect(use.modules).toEqual([]);
			expect((await load(use)).notes[0]).toBe(use.note);
			await packs.stop();
		},
	);

	test.skipIf(!hasDriver)("computes on the GPU", async () => {
		const { gpu, notes } = await load({ modules: modules(), note: null });
		expect({ gpu, notes: notes.join(" ") }).toMatchObject({ gpu: "cuda" });
	});
});
