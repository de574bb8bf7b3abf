import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ServiceMessage, statusSchema } from "./contract/contract.ts";
import { locate } from "./locations/locations.ts";
import { type ForkedService, forkService, killForked, mainPath } from "./main-testing.ts";

let folder: string;
let dataDir: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-forked-"));
	dataDir = join(folder, "data");
});
afterEach(() => {
	killForked();
	rmSync(folder, { recursive: true, force: true });
});

async function ready(service: ForkedService): Promise<Extract<ServiceMessage, { kind: "ready" }>> {
	const message = await service.first;
	if (message.kind !== "ready") throw new Error(JSON.stringify(message));
	return message;
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

test("says where it answers and by which token, lets in who has it, and ends in good order when told to stop", async () => {
	const service = forkService(dataDir);
	const { url, token, version, logPath, ...told } = await ready(service);
	expect(told.dataDir).toBe(dataDir);
	expect((await fetch(`${url}/api/status`)).status).toBe(401);
	const asked = await fetch(`${url}/api/status`, { headers: { authorization: `Bearer ${token}` } });
	expect(statusSchema.parse(await asked.json())).toMatchObject({ pid: service.process.pid, version });

	service.process.send({ kind: "stop" });
	expect(await service.ended).toEqual([0, null]);
	expect(existsSync(locate(dataDir).serverPath)).toBe(false);
	expect(service.said.map(({ kind }) => kind)).toEqual(["ready"]);
	expect(readFileSync(logPath, "utf8")).not.toContain(token);
	expect(service.output()).toBe("");
});

test("a second service on the same folder says so and ends, and the first goes on", async () => {
	const service = forkService(dataDir);
	const { url, token } = await ready(service);
	const second = forkService(dataDir);
	expect(await second.first).toMatchObject({
		kind: "failed",
		failure: "data-folder-in-use",
		message: expect.stringContaining(`Another Nightshift is using this data folder (${dataDir})`),
	});
	expect(await second.ended).toEqual([1, null]);
	const asked = await fetch(`${url}/api/status`, { headers: { authorization: `Bearer ${token}` } });
	expect(asked.status).toBe(200);

	service.process.kill("SIGTERM");
	expect(await service.ended).toEqual([0, null]);
});

test("a folder that can't be used is said to be so", async () => {
	writeFileSync(join(folder, "file"), "");
	const service = forkService(join(folder, "file", "data"));
	expect(await service.first).toMatchObject({ kind: "failed", failure: "data-folder-unusable" });
	expect(await service.ended).toEqual([1, null]);
});

test("ends by itself when its shell lets go of it, also while it still starts", async () => {
	const early = forkService(dataDir);
	early.process.disconnect();
	expect(await early.ended).toEqual([0, null]);

	const service = forkService(dataDir);
	await ready(service);
	service.process.disconnect();
	expect(await service.ended).toEqual([0, null]);
});

test("ends by itself when its shell is killed", async () => {
	const script = join(folder, "shell.mjs");
	writeFileSync(
		script,
		`import { fork } from "node:child_process";
const child = fork(${JSON.stringify(mainPath)}, ${JSON.stringify(["--data-dir", dataDir, "--port", "0", "--no-gpu"])}, { execArgv: [] });
child.on("message", () => console.log(child.pid));`,
	);
	const shell = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
	const pid = await new Promise<number>((resolve) => shell.stdout.once("data", (data) => resolve(Number(data))));
	expect(isAlive(pid)).toBe(true);
	shell.kill("SIGKILL");
	await expect.poll(() => isAlive(pid)).toBe(false);
	expect(existsSync(locate(dataDir).serverPath)).toBe(false);
});

test("started by hand it says what to do instead", async () => {
	const started = promisify(execFile)(process.execPath, [mainPath, "--data-dir", dataDir]);
	await expect(started).rejects.toMatchObject({
		code: 1,
		stderr: expect.stringMatching(/use 'nightshift serve'\.\n$/),
	});
	expect(existsSync(dataDir)).toBe(false);
});
