import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testLog } from "../../settings/testing.ts";
import { createMacosWakefulness } from "./wakefulness.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-caffeinate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Stands in for macOS' tool: says what it was asked, and stays. */
function tool(then = "exec sleep 600"): string {
	const path = join(folder, "caffeinate");
	writeFileSync(
		path,
		`#!/bin/sh\necho "$*" >> ${folder}/asked\necho $$ > ${folder}/pid.part\nmv ${folder}/pid.part ${folder}/pid\n${then}\n`,
	);
	chmodSync(path, 0o700);
	return path;
}

const asked = () => readFileSync(join(folder, "asked"), "utf8").trim().split("\n");

/** The tool's process, when it has begun. */
async function begun(): Promise<number> {
	await expect.poll(() => existsSync(join(folder, "pid"))).toBe(true);
	return Number(readFileSync(join(folder, "pid"), "utf8"));
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

describe.skipIf(process.platform === "win32")("a Mac", () => {
	test("is kept awake by one tool until told otherwise or this process ends", async () => {
		const wakefulness = createMacosWakefulness({ log: testLog(), caffeinatePath: tool() });
		expect(await wakefulness.keepAwake(true)).toEqual({ kind: "done" });
		const pid = await begun();
		expect(await wakefulness.keepAwake(true)).toEqual({ kind: "done" });
		expect(asked()).toEqual([`-i -w ${process.pid}`]);
		expect(isAlive(pid)).toBe(true);
		expect(await wakefulness.keepAwake(false)).toEqual({ kind: "done" });
		expect(isAlive(pid)).toBe(false);
	});

	test("is let go of at the end, also when wishes come faster than the tool begins", async () => {
		const wakefulness = createMacosWakefulness({ log: testLog(), caffeinatePath: tool() });
		const wishes = [true, false, true].map((isWanted) => wakefulness.keepAwake(isWanted));
		await wakefulness.stop();
		expect(await Promise.all(wishes)).toEqual([{ kind: "done" }, { kind: "done" }, { kind: "done" }]);
		const pids = existsSync(join(folder, "pid")) ? [await begun()] : [];
		expect(pids.filter(isAlive)).toEqual([]);
	});

	test("whose tool ends by itself is told about once, and kept awake anew at the next wish", async () => {
		const log = testLog();
		const wakefulness = createMacosWakefulness({ log, caffeinatePath: tool("exit 1") });
		await wakefulness.keepAwake(true);
		await expect.poll(() => log.told).toEqual(["caffeinate ended by itself; this Mac may sleep until the next wish"]);
		tool();
		await wakefulness.keepAwake(true);
		await expect.poll(() => asked().length).toBe(2);
		await wakefulness.stop();
		expect(log.told.length).toBe(1);
	});

	test("without the tool can't be kept awake, and says why", async () => {
		const wakefulness = createMacosWakefulness({ log: testLog(), caffeinatePath: join(folder, "none") });
		expect(await wakefulness.keepAwake(true)).toMatchObject({
			kind: "impossible",
			message: expect.stringContaining("can't be started"),
		});
		await wakefulness.stop();
	});

	test("can't be woken without root, and says how the owner can", async () => {
		const wakefulness = createMacosWakefulness({ log: testLog() });
		expect(await wakefulness.wakeAt(1)).toMatchObject({
			kind: "impossible",
			message: expect.stringContaining("pmset"),
		});
		expect(await wakefulness.wakeAt(null)).toEqual({ kind: "done" });
	});
});
