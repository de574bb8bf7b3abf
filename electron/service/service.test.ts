import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ServicePhase } from "../state/state.ts";
import { isAlive } from "../testing/real-service.ts";
import { createServiceProcess, type ServiceProcess } from "./service.ts";

/** Stand-ins for the service: real processes, as badly behaved as a test needs them. */
let folder: string;
let service: ServiceProcess;
let phases: ServicePhase[];
let awake: boolean[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-stand-in-"));
	phases = [];
	awake = [];
});
afterEach(async () => {
	await service.stop();
	rmSync(folder, { recursive: true, force: true });
});

const ready = `process.send({ kind: "ready", url: "http://127.0.0.1:1", token: "t", version: process.cwd(), dataDir: String(process.env.NODE_OPTIONS), logPath: process.execArgv.join() });`;
const listen = `process.on("message", (message) => { if (message.kind === "stop") process.disconnect(); });`;

/** Starts a service that does what the code says. */
async function run(code: string, readyMs = 20_000): Promise<void> {
	const entryPath = join(folder, "entry.cjs");
	writeFileSync(entryPath, code);
	service = createServiceProcess({
		entryPath,
		environment: { ...process.env, NODE_OPTIONS: "--no-deprecation" },
		platform: process.platform,
		limits: { readyMs, lingerMs: 300, stopMs: 500, orphansMs: 100, killMs: 5_000 },
	});
	service.watch((phase) => void phases.push(phase));
	service.onKeepAwake((isWanted) => void awake.push(isWanted));
	await service.start();
}

const kinds = () => phases.map(({ kind }) => kind);
const isUp = () => service.phase.kind === "up";

test("runs in a folder that is not the app's, without the shell's own options", async () => {
	await run(ready + listen);
	await expect.poll(isUp).toBe(true);
	expect(service.ready).toMatchObject({ version: homedir(), dataDir: "undefined", logPath: "" });
});

test("is started once, however often that is said, and ended once", async () => {
	await run(ready + listen);
	await Promise.all([service.start(), service.start()]);
	await expect.poll(isUp).toBe(true);
	await service.start();
	const [pid = 0] = await service.pids();
	await Promise.all([service.stop(), service.stop()]);
	expect(isAlive(pid)).toBe(false);
	expect(service.ready).toBeNull();
	expect(kinds()).toEqual(["starting", "up", "stopped", "stopped"]);
	await service.start();
	await expect.poll(isUp).toBe(true);
});

test("words said together hold in their order", async () => {
	await run(ready + listen);
	await Promise.all([service.restart(), service.stop(), service.restart()]);
	await expect.poll(isUp).toBe(true);
	expect(await service.pids()).toHaveLength(1);
});

test("one that never gets ready is ended and counts as a crash", async () => {
	await run("setInterval(() => {}, 1000);", 100);
	await expect.poll(() => service.phase.kind).toBe("given-up");
	expect(kinds().filter((kind) => kind === "starting")).toHaveLength(4);
	expect(service.phase).toMatchObject({ message: expect.stringContaining("It was not ready within 0.1 seconds.") });
	expect(await service.pids()).toEqual([]);
});

test("one that says why it does not start and hangs is ended", async () => {
	const failed = { kind: "failed", failure: "data-folder-unusable", message: "It was written by a newer Nightshift." };
	await run(`process.send(${JSON.stringify(failed)}); setInterval(() => {}, 1000);`);
	await expect.poll(() => service.phase).toEqual({ kind: "given-up", message: failed.message });
	expect(kinds()).toEqual(["starting", "given-up"]);
});

test("messages of a newer service are passed over", async () => {
	await run(
		`process.send({ kind: "news" }); process.send("hello"); process.send({ kind: "ready" }); ${ready} ${listen}`,
	);
	await expect.poll(isUp).toBe(true);
});

test("a wish to stay awake ends with who had it", async () => {
	const wake = `process.send({ kind: "keep-awake", isWanted: true });`;
	await run(`${ready} ${wake} ${wake} ${listen}`);
	await expect.poll(() => awake).toEqual([true]);
	const [pid = 0] = await service.pids();
	process.kill(pid, "SIGKILL");
	await expect.poll(() => awake).toEqual([true, false, true]);
	await service.stop();
	expect(awake).toEqual([true, false, true, false]);
});

test("one that does not listen is ended by force, with what it has started", async () => {
	const child = `require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });`;
	await run(
		`for (const name of ["SIGTERM", "SIGINT"]) process.on(name, () => {}); ${child} ${ready} setInterval(() => {}, 1000);`,
	);
	await expect.poll(isUp).toBe(true);
	const pids = await service.pids();
	expect(pids).toHaveLength(2);
	await service.stop();
	expect(pids.filter(isAlive)).toEqual([]);
});

test("a stop during the pause before a restart holds", async () => {
	await run(`setTimeout(() => process.exit(3), 10);`);
	await expect.poll(() => service.phase).toMatchObject({ kind: "restarting", attempt: 3, delayMs: 1_000 });
	await service.stop();
	expect(service.phase).toEqual({ kind: "stopped" });
	// A timer that was left would keep the phases coming.
	expect(kinds().filter((kind) => kind === "starting")).toHaveLength(3);
	await service.restart();
	await expect.poll(() => service.phase).toMatchObject({ kind: "restarting", attempt: 1 });
});
