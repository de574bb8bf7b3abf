import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultDataDir, locate } from "./locations.ts";

test("NIGHTSHIFT_HOME wins over the platform's folder", () => {
	expect(defaultDataDir({ NIGHTSHIFT_HOME: "/somewhere/else" }, "linux")).toBe("/somewhere/else");
});

test("each platform keeps data where its programs do", () => {
	expect(defaultDataDir({ XDG_DATA_HOME: "/xdg" }, "linux")).toBe(join("/xdg", "nightshift"));
	expect(defaultDataDir({ LOCALAPPDATA: "/local" }, "win32")).toBe(join("/local", "Nightshift"));
	expect(defaultDataDir({}, "darwin")).toMatch(/Application Support.Nightshift$/);
});

test("what came with the program is found next to it and everything else lies in the data folder", () => {
	const { demoModelPath, bundledPricesPath, modelCataloguePath, gpuPackListPath, pageDir, dataDir, ...others } =
		locate("/data");
	for (const path of [demoModelPath, bundledPricesPath, modelCataloguePath, gpuPackListPath])
		expect(existsSync(path)).toBe(true);
	expect(pageDir.startsWith(dataDir)).toBe(false);
	for (const path of Object.values(others)) expect(path.startsWith(join(dataDir, "/"))).toBe(true);
});
