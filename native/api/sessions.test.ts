import { describe, expect, it } from "vitest";
import type { Clock } from "../base/base.ts";
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

describe("sessions", () => {
	it("open with a code, once", () => {
		const sessions = createSessions({ clock: testClock() });
		const { code } = sessions.makeCode();
		const secret = sessions.trade(code) ?? "";
		expect(sessions.isOpen(secret)).toBe(true);
		expect(sessions.isOpen(code)).toBe(false);
		expect(sessions.trade(code)).toBeNull();
	});

	it("open with a code for a minute", () => {
		const clock = testClock();
		const sessions = createSessions({ clock });
		const [early, late] = [sessions.makeCode(), sessions.makeCode()];
		expect(early.expiresAtMs).toBe(clock.nowMs() + 60_000);
		clock.pass(60_000);
		expect(sessions.trade(early.code)).not.toBeNull();
		clock.pass(1);
		expect(sessions.trade(late.code)).toBeNull();
	});

	it("end alone", () => {
		const sessions = createSessions({ clock: testClock() });
		const [one, other] = [sessions.makeCode(), sessions.makeCode()].map(({ code }) => sessions.trade(code) ?? "");
		sessions.end(one ?? "");
		expect(sessions.isOpen(one ?? "")).toBe(false);
		expect(sessions.isOpen(other ?? "")).toBe(true);
		sessions.end("never was");
	});

	it("and codes are bounded: the oldest goes first", () => {
		const sessions = createSessions({ clock: testClock() });
		const codes = Array.from({ length: 17 }, () => sessions.makeCode().code);
		expect(codes.map((code) => sessions.trade(code) !== null)).toEqual([false, ...Array(16).fill(true)]);
		const secrets = Array.from({ length: 65 }, () => sessions.trade(sessions.makeCode().code) ?? "");
		expect(secrets.map((secret) => sessions.isOpen(secret))).toEqual([false, ...Array(64).fill(true)]);
	});
});
