import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, silentLog } from "../base/base.ts";
import { createSessions } from "./sessions.ts";

/** A clock that goes when told to. */
function testClock(): Clock & { pass(ms: number): void } {
	let nowMs = 1_000_000;
	return {
		nowMs: () => nowMs,
		monotonicMs: () => nowMs,
		pass(ms) {
			nowMs += ms;
		},
	};
}

let folder: string;
let path: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-sessions-"));
	path = join(folder, "sessions.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const build = (clock: Clock = testClock()) => createSessions({ path, clock, log: silentLog });

describe("sessions", () => {
	it("open with a code, once", async () => {
		const sessions = build();
		const { code } = sessions.makeCode();
		const secret = (await sessions.trade(code)) ?? "";
		expect(sessions.isOpen(secret)).toBe(true);
		expect(sessions.isOpen(code)).toBe(false);
		expect(await sessions.trade(code)).toBeNull();
	});

	it("open with a code for a minute", async () => {
		const clock = testClock();
		const sessions = build(clock);
		const [early, late] = [sessions.makeCode(), sessions.makeCode()];
		expect(early.expiresAtMs).toBe(clock.nowMs() + 60_000);
		clock.pass(60_000);
		expect(await sessions.trade(early.code)).not.toBeNull();
		clock.pass(1);
		expect(await sessions.trade(late.code)).toBeNull();
	});

	it("end alone", async () => {
		const sessions = build();
		const one = (await sessions.trade(sessions.makeCode().code)) ?? "";
		const other = (await sessions.trade(sessions.makeCode().code)) ?? "";
		await sessions.end(one);
		expect(sessions.isOpen(one)).toBe(false);
		expect(sessions.isOpen(other)).toBe(true);
		await sessions.end("never was");
	});

	it("and codes are bounded: the oldest goes first", async () => {
		const sessions = build();
		const codes = Array.from({ length: 17 }, () => sessions.makeCode().code);
		const traded = [];
		for (const code of codes) traded.push((await sessions.trade(code)) !== null);
		expect(traded).toEqual([false, ...Array(16).fill(true)]);
		const secrets: string[] = [];
		for (let count = 0; count < 65; count++) secrets.push((await sessions.trade(sessions.makeCode().code)) ?? "");
		expect(secrets.map((secret) => sessions.isOpen(secret))).toEqual([false, ...Array(64).fill(true)]);
	});

	it("outlive the service, and an ended one does not", async () => {
		const clock = testClock();
		const before = build(clock);
		const secret = (await before.trade(before.makeCode().code)) ?? "";
		const ended = (await before.trade(before.makeCode().code)) ?? "";
		await before.end(ended);
		const after = build(clock);
		expect([after.isOpen(secret), after.isOpen(ended)]).toEqual([true, false]);
		expect(readFileSync(path, "utf8")).not.toContain(secret);
		expect(statSync(path).mode & 0o077).toBe(0);
	});

	it("end after thirty days, and where the clock says that they come from the future", async () => {
		const clock = testClock();
		const sessions = build(clock);
		const secret = (await sessions.trade(sessions.makeCode().code)) ?? "";
		clock.pass(30 * 24 * 3_600_000);
		expect(sessions.isOpen(secret)).toBe(true);
		clock.pass(1);
		expect(sessions.isOpen(secret)).toBe(false);
		clock.pass(-40 * 24 * 3_600_000);
		expect(sessions.isOpen(secret)).toBe(false);
	});

	it("are none where the file of before can't be understood", () => {
		writeFileSync(path, "{ not json");
		expect(build().isOpen("anything")).toBe(false);
	});
});
