import { fork, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ForkService, runLimits, startRun } from "./child.ts";
import type { RunEnd } from "./restart-policy.ts";

/** One run of a stand-in that ends by itself, and how its end was told. */
let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-run-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function endOf(code: string, forkWith: ForkService = fork): Promise<RunEnd> {
	const entryPath = join(folder, "entry.cjs");
	writeFileSync(entryPath, code);
	const deps = { entryPath, entryWords: [], environment: process.env, workingDir: folder, limits: runLimits };
	const { promise, resolve } = Promise.withResolvers<RunEnd>();
	const listener = { onReady: () => {}, onKeepAwake: () => {}, onEnd: resolve };
	await startRun({ ...deps, fork: forkWith }, listener).ended;
	return promise;
}

const crashed = (detail: string) => ({ kind: "crashed", upMs: null, detail });

test("an error that nobody caught is told by its message, whatever was written before and stands below", async () => {
	const code = `console.log("x".repeat(100_000)); throw new TypeError("The library is missing.");`;
	expect(await endOf(code)).toEqual(
		crashed("It ended by itself with code 1. Its last words: TypeError: The library is missing."),
	);
});

test("other output is told by its end, and no more of it than people read", async () => {
	const end = await endOf(`process.stdout.write("x".repeat(100_000) + " the end", () => process.exit(4));`);
	expect(end).toEqual(crashed(`It ended by itself with code 4. Its last words: ${"x".repeat(492)} the end`));
});

test("a silent end is told by its code or signal", async () => {
	expect(await endOf("process.exit(3);")).toEqual(crashed("It ended by itself with code 3."));
	expect(await endOf(`process.kill(process.pid, "SIGSEGV");`)).toEqual(crashed("It was ended by SIGSEGV."));
});

test("one that was up tells for how long", async () => {
	const ready = { kind: "ready", url: "http://127.0.0.1:1", token: "t", version: "1", dataDir: "/", logPath: "/log" };
	const code = `process.send(${JSON.stringify(ready)}, () => setTimeout(() => process.exit(0), 100));`;
	expect(await endOf(code)).toEqual({
		kind: "crashed",
		upMs: expect.closeTo(100, -3),
		detail: "It ended by itself with code 0.",
	});
});

test("a program that can't be started has an end too", async () => {
	const end = await endOf("", (_, words, options) =>
		spawn(join(folder, "no-such-program"), words, { stdio: options.stdio ?? "pipe" }),
	);
	expect(end).toMatchObject({ kind: "crashed", detail: expect.stringContaining("It could not be started: spawn ") });
});
