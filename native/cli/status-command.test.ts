import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTestApi } from "../api/testing.ts";
import { statusSchema } from "../contract/contract.ts";
import { type Locations, locate } from "../locations/locations.ts";
import { callCommand } from "./call-testing.ts";

let folder: string;
let locations: Locations;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-status-"));
	locations = locate(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const status = (...options: readonly string[]) => callCommand(folder, "status", ...options);

function announce(server: { readonly port: number; readonly token: string }): void {
	writeFileSync(locations.serverPath, JSON.stringify({ port: server.port, pid: process.pid }));
	writeFileSync(locations.tokenPath, `${server.token}\n`);
}

test("a running service is told of in words, and as JSON for scripts", async () => {
	await using api = await startTestApi();
	announce(api);
	expect(await status()).toMatchObject({
		exitCode: 0,
		output: expect.stringMatching(/^Nightshift 0\.0\.0-test runs as process \d+/),
	});
	const json = await status("--json");
	expect(statusSchema.parse(JSON.parse(json.output))).toMatchObject({ pid: process.pid, batches: [] });
	announce({ port: api.port, token: "guessed" });
	expect(await status()).toMatchObject({ exitCode: 1, output: expect.stringContaining("is not the service of") });
});

test("where no service runs it says so and how to start one, also after one was killed", async () => {
	const api = await startTestApi();
	const told = { exitCode: 1, output: expect.stringContaining("Start it with 'nightshift serve'.") };
	expect(await status()).toMatchObject(told);
	announce(api);
	await api.stop();
	expect(await status("--json")).toMatchObject(told);
});
