import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMemory } from "./create-memory.ts";
import { rememberedSchema } from "./memory.ts";

let folder: string;
let path: string;
let problems: string[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-memory-"));
	path = join(folder, "app", "memory.json");
	problems = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => createMemory({ path, onProblem: (message) => void problems.push(message) });
const onDisk = () => rememberedSchema.parse(JSON.parse(readFileSync(path, "utf8")));
const firstDay = rememberedSchema.parse({});
const place = { x: -1_900, y: 40, width: 1_200, height: 800, isMaximized: false };

test("on the first day nothing is remembered, and nothing is written for that", async () => {
	const memory = open();
	expect(memory.current).toEqual({
		mainWindow: null,
		lastFolder: null,
		quitWhileWorking: "ask",
		lastNotice: null,
		startsAtLogin: null,
	});
	await memory.settle();
	expect(existsSync(path)).toBe(false);
	expect(problems).toEqual([]);
});

test("what is remembered holds at once, is on disk when it has settled, and is there at the next start", async () => {
	const memory = open();
	memory.remember({ mainWindow: place });
	memory.remember({ quitWhileWorking: "quit" });
	expect(memory.current).toEqual({ ...firstDay, mainWindow: place, quitWhileWorking: "quit" });
	await memory.settle();
	expect(onDisk()).toEqual(memory.current);
	expect(open().current).toEqual(memory.current);
	expect(readdirSync(join(folder, "app"))).toEqual(["memory.json"]);
});

test("comes to the disk by itself, and a hundred changes in a row are one write", async () => {
	const memory = open();
	memory.remember({ lastNotice: 0 });
	await expect.poll(() => existsSync(path) && onDisk().lastNotice).toBe(0);
	let writes = 0;
	const watcher = watch(join(folder, "app"), (_, name) => {
		if (name === "memory.json") writes += 1;
	});
	for (let number = 1; number <= 100; number++) {
		memory.remember({ lastNotice: number });
		// As a drag tells it: each in a turn of its own.
		await new Promise(setImmediate);
	}
	await expect.poll(() => onDisk().lastNotice).toBe(100);
	await expect.poll(() => writes).toBeGreaterThan(0);
	watcher.close();
	expect(writes).toBe(1);
});

test("what is remembered while a write is under way is written too", async () => {
	const memory = open();
	memory.remember({ lastNotice: 1 });
	const first = memory.settle();
	memory.remember({ lastNotice: 2 });
	await Promise.all([first, memory.settle()]);
	expect(onDisk().lastNotice).toBe(2);
});

test.each([
	["cut short", '{"mainWindow":nu'],
	["empty", ""],
	["something else", '{"mainWindow":{"x":"left"}}'],
	["not of this program", "[1,2]"],
])("a file that is %s is kept aside, and all begins anew", async (_, text) => {
	mkdirSync(join(folder, "app"));
	writeFileSync(path, text);
	const memory = open();
	expect(memory.current).toEqual(firstDay);
	expect(readFileSync(`${path}.broken`, "utf8")).toBe(text);
	expect(problems).toHaveLength(1);
	memory.remember({ lastNotice: 7 });
	await memory.settle();
	expect(open().current.lastNotice).toBe(7);
});

test("what can't be written holds for this run, is told, and is written as soon as it can be", async () => {
	writeFileSync(join(folder, "app"), "a file where the folder should be");
	const memory = open();
	memory.remember({ lastFolder: "/tmp" });
	await memory.settle();
	expect(memory.current.lastFolder).toBe("/tmp");
	expect(problems.at(-1)).toContain("could not be written");
	rmSync(join(folder, "app"));
	await memory.settle();
	expect(onDisk().lastFolder).toBe("/tmp");
});

/** Lets a child remember until it is killed; answers the last number that was on disk. */
function rememberUntilKilled(lifeMs: number): Promise<number> {
	const { promise, resolve, reject } = Promise.withResolvers<number>();
	const script = fileURLToPath(new URL("kill-testing.ts", import.meta.url));
	const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
	let told = "";
	child.stdout.on("data", (piece) => {
		if (told === "") setTimeout(() => child.kill("SIGKILL"), lifeMs);
		told += String(piece);
	});
	child.on("error", reject);
	child.on("close", () => resolve(Number(told.slice(0, told.lastIndexOf("\n")).split("\n").at(-1))));
	return promise;
}

test("a kill in the middle of writing leaves what was last on disk, or what came after it, whole", async () => {
	for (const lifeMs of [0, 3, 11, 29]) {
		const last = await rememberUntilKilled(lifeMs);
		const { lastNotice, lastFolder } = open().current;
		expect([last, last + 1]).toContain(lastNotice);
		expect(lastFolder).toBe(`/folder-${lastNotice}/${"x".repeat(10_000)}`);
	}
	expect(problems).toEqual([]);
});
