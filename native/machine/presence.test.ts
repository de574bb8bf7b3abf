import { beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../base/base.ts";
import type { PresenceReport } from "../contract/contract.ts";
import { createPresence, PRESENCE_VALID_MS } from "./presence.ts";

let nowMs: number;
const clock: Clock = { nowMs: () => Date.UTC(2026, 10, 21), monotonicMs: () => nowMs };
const question = { ownProcessIds: [], inferenceProcessIds: [], programs: [], signal: new AbortController().signal };

beforeEach(() => {
	nowMs = 1_000;
});

function report(changes: Partial<PresenceReport> = {}): PresenceReport {
	return { idleSeconds: 60, isLocked: false, supply: null, heat: null, ...changes };
}

describe("what the shell says", () => {
	test("is told as it was said, with a desktop being there", async () => {
		const presence = createPresence(clock);
		presence.report(report({ idleSeconds: 90, isLocked: true, supply: "battery", heat: "fair" }));
		nowMs += 9_000;
		expect(await presence.source.look(question)).toEqual({
			ok: true,
			value: { hasDesktop: true, idleMs: 90_000, isLocked: true, supply: "battery", heat: "fair" },
		});
	});

	test("counts for half a minute by the monotonic clock, and before a first report there is none", async () => {
		const presence = createPresence(clock);
		expect(await presence.source.look(question)).toMatchObject({ ok: false, error: { kind: "absent" } });
		presence.report(report());
		nowMs += PRESENCE_VALID_MS - 1;
		expect(await presence.source.look(question)).toMatchObject({ ok: true });
		nowMs += 1;
		expect(await presence.source.look(question)).toMatchObject({ ok: false, error: { kind: "absent" } });
	});

	test("is news when somebody came back, locked, unplugged or began to report, not when time merely went by", () => {
		let news = 0;
		const presence = createPresence(clock);
		presence.source.watch?.(() => news++);
		const heard = (next: PresenceReport) => {
			const before = news;
			presence.report(next);
			return news - before;
		};
		expect(heard(report())).toBe(1);
		expect(heard(report({ idleSeconds: 70 }))).toBe(0);
		expect(heard(report({ idleSeconds: 0 }))).toBe(1);
		expect(heard(report({ idleSeconds: 5, isLocked: true }))).toBe(1);
		expect(heard(report({ idleSeconds: 9, isLocked: true, supply: "battery" }))).toBe(1);
		expect(heard(report({ idleSeconds: null, isLocked: true, supply: "battery" }))).toBe(1);
		nowMs += PRESENCE_VALID_MS;
		expect(heard(report({ idleSeconds: null, isLocked: true, supply: "battery" }))).toBe(1);
	});
});
