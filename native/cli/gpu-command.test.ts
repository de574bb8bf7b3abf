import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gpuPackListSchema } from "../contract/contract.ts";
import { callCommand } from "./call-testing.ts";

let dataDir: string;
beforeAll(() => {
	dataDir = mkdtempSync(join(tmpdir(), "nightshift-gpu-"));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test("the packs are listed without a running service, for people and for scripts", async () => {
	const told = await callCommand(dataDir, "gpu");
	expect(told).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("No model is in memory.") });
	const json = await callCommand(dataDir, "gpu", "--json");
	expect(gpuPackListSchema.parse(JSON.parse(json.stdout)).in_use.backend).toBeNull();
});

test("what is not needed here is not fetched, and what is not here is not removed", async ({ skip }) => {
	const { data } = gpuPackListSchema.parse(JSON.parse((await callCommand(dataDir, "gpu", "--json")).stdout));
	if (data.some(({ state }) => state.kind !== "not-needed")) skip("here it would be fetched");
	expect(await callCommand(dataDir, "gpu", "install")).toMatchObject({ exitCode: 2, stdout: "" });
	expect(await callCommand(dataDir, "gpu", "remove")).toMatchObject({ exitCode: 2, stdout: "" });
});
