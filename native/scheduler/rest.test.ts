import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ok, systemClock } from "../base/base.ts";
import { settingsSchema } from "../contract/contract.ts";
import { type TestFolder, type TestLog, testFolder, testLog } from "../settings/testing.ts";
import { createRest, tomorrowMs } from "./rest.ts";
import { wordOf } from "./rest-words.ts";

const HOUR_MS = 3_600_000;
/** Friday afternoon, local time. */
const START_MS = new Date(2026, 10, 20, 15, 0).getTime();
const usual = settingsSchema.parse({}).night;

let folder: TestFolder;
let path: string;
let log: TestLog;
let wallMs: number;
let monotonicMs: number;

beforeEach(() => {
	folder = testFolder();
	path = folder.path("rest.json");
	log = testLog();
	wallMs = START_MS;
	monotonicMs = 5_000;
});
afterEach(() => folder[Symbol.dispose]());

function open() {
	const clock = { nowMs: () => wallMs, monotonicMs: () => monotonicMs };
	return createRest({ path, clock, log, night: () => usual });
}

function pass(milliseconds: number): void {
	wallMs += milliseconds;
	monotonicMs += milliseconds;
}

test("nothing is paused before anybody said so, and no file is made for it", () => {
	expect(open().current).toEqual({ isPaused: false, snoozedUntilMs: null });
	expect(existsSync(path)).toBe(false);
});

test("a pause holds at once, and over a restart until somebody resumes", async () => {
	const rest = open();
	const saying = rest.set({ action: "pause" });
	expect(rest.current.isPaused).toBe(true);
	expect(await saying).toEqual(ok({ isPaused: true, snoozedUntilMs: null }));
	pass(1_000 * HOUR_MS);
	expect(open().current.isPaused).toBe(true);
	await open().set({ action: "resume" });
	expect(open().current).toEqual({ isPaused: false, snoozedUntilMs: null });
});

test("a snooze ends by itself, after a restart too", async () => {
	await open().set({ action: "snooze", for: "3h" });
	pass(3 * HOUR_MS - 1);
	expect(open().current.snoozedUntilMs).toBe(START_MS + 3 * HOUR_MS);
	const rest = open();
	pass(1);
	expect(rest.current.snoozedUntilMs).toBeNull();
	expect(open().current.snoozedUntilMs).toBeNull();
});

test("words said at the same time are written in their order", async () => {
	const rest = open();
	const lengths = ["1h", "3h", "12h"] as const;
	await Promise.all(lengths.map((length) => rest.set({ action: "snooze", for: length })));
	expect(open().current.snoozedUntilMs).toBe(START_MS + 12 * HOUR_MS);
});

test("a clock that is set back never makes a snooze longer than it was asked for", async () => {
	const rest = open();
	await rest.set({ action: "snooze", for: "1h" });
	pass(HOUR_MS / 2);
	wallMs -= 24 * HOUR_MS;
	expect(rest.current.snoozedUntilMs).toBe(wallMs + HOUR_MS / 2);
	await rest.set({ action: "pause" });
	pass(HOUR_MS / 2);
	expect(rest.current).toEqual({ isPaused: true, snoozedUntilMs: null });
});

test("a clock that was set back while the service was off leaves no more than was asked for", async () => {
	await open().set({ action: "snooze", for: "1h" });
	wallMs -= 24 * HOUR_MS;
	const rest = open();
	expect(rest.current.snoozedUntilMs).toBe(wallMs + HOUR_MS);
	pass(HOUR_MS);
	expect(rest.current.snoozedUntilMs).toBeNull();
});

test("until tomorrow is the first night window that begins tomorrow, or noon", () => {
	const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
	expect(tomorrowMs(START_MS, usual)).toBe(at(21, 23));
	expect(tomorrowMs(at(20, 0, 1), usual)).toBe(at(21, 23));
	expect(tomorrowMs(START_MS, { ...usual, saturday: [] })).toBe(at(21, 12));
	const two = [
		{ from: "22:30", to: "23:00" },
		{ from: "00:15", to: "06:00" },
	];
	expect(tomorrowMs(START_MS, { ...usual, friday: [], saturday: two })).toBe(at(21, 0, 15));
});

test("a broken file is kept aside and pauses nothing", async () => {
	writeFileSync(path, '{"isPaused":true,"sno');
	const rest = open();
	expect(rest.current.isPaused).toBe(false);
	expect(readFileSync(`${path}.broken`, "utf8")).toBe('{"isPaused":true,"sno');
	expect(log.told).toEqual([
		"rest.json can't be used: nothing is paused. Pause again if you want it so. The file was kept aside.",
	]);
	await rest.set({ action: "pause" });
	expect(open().current.isPaused).toBe(true);
});

test("what can't be written holds all the same, and says that a restart forgets it", async () => {
	mkdirSync(path);
	const rest = open();
	const said = await rest.set({ action: "pause" });
	expect(said).toMatchObject({ ok: false, error: { kind: "not-written" } });
	if (!said.ok) expect(said.error.message).toMatch(/holds now, but is forgotten when Nightshift is restarted/);
	expect(rest.current.isPaused).toBe(true);
});

/** Lets a child say word after word until it is killed; answers the number of the last that was acknowledged. */
function sayUntilKilled(file: string, lifeMs: number): Promise<number> {
	const { promise, resolve, reject } = Promise.withResolvers<number>();
	const script = fileURLToPath(new URL("rest-child.ts", import.meta.url));
	const child = spawn(process.execPath, [script, file], { stdio: ["ignore", "pipe", "inherit"] });
	let told = "";
	child.stdout.on("data", (piece) => {
		if (told === "") setTimeout(() => child.kill("SIGKILL"), lifeMs);
		told += String(piece);
	});
	child.on("error", reject);
	child.on("close", () => resolve(Number(told.slice(0, told.lastIndexOf("\n")).split("\n").at(-1))));
	return promise;
}

test("a kill in the middle of writing leaves the last word that was acknowledged, or the one after it", async () => {
	for (const lifeMs of [0, 7, 20, 41]) {
		const file = folder.path(`killed-${lifeMs}`);
		const last = await sayUntilKilled(file, lifeMs);
		const rest = createRest({ path: file, clock: systemClock, log, night: () => usual });
		const { isPaused, snoozedUntilMs } = rest.current;
		const found = isPaused ? "pause" : snoozedUntilMs === null ? "resume" : "snooze";
		expect([wordOf(last).action, wordOf(last + 1).action]).toContain(found);
		expect(await rest.set({ action: "pause" })).toMatchObject({ ok: true });
	}
	expect(log.told).toEqual([]);
});
