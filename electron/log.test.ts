import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLog } from "./log.ts";

let folder: string;
let dir: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-log-"));
	dir = join(folder, "made", "by it");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const TOO_LONG = "x".repeat(2 * 1024 * 1024 + 1);
const text = (name = "shell.log") => readFileSync(join(dir, name), "utf8");

test("what is written is on the disk at once, a line each, with its details and its time", () => {
	const log = openLog(dir);
	expect(log.path).toBe(join(dir, "shell.log"));
	log.info({ a: 1 }, "first");
	log.warn({}, "second");
	log.error({ error: "no" }, "third");
	const lines = text()
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line));
	expect(lines).toMatchObject([
		{ level: 30, a: 1, msg: "first" },
		{ level: 40, msg: "second" },
		{ level: 50, error: "no", msg: "third" },
	]);
	expect(Date.parse(lines[0].time)).toBeGreaterThan(Date.now() - 60_000);
});

test("the next start goes on with it", () => {
	openLog(dir).info({}, "first run");
	openLog(dir).info({}, "second run");
	expect(text()).toMatch(/first run[\s\S]*second run/);
	expect(readdirSync(dir)).toEqual(["shell.log"]);
});

test("one that is too long is put aside, and the one that was aside is forgotten", () => {
	openLog(dir);
	for (const run of ["first", "second"]) {
		writeFileSync(join(dir, "shell.log"), `${run} ${TOO_LONG}`);
		openLog(dir).info({}, `after the ${run}`);
		expect(text()).toContain(`after the ${run}`);
		expect(text().length).toBeLessThan(1_000);
		expect(text("shell.log.old").startsWith(run)).toBe(true);
	}
	expect(readdirSync(dir).sort()).toEqual(["shell.log", "shell.log.old"]);
});
