import { expect, test } from "vitest";
import type { Cause } from "../contract/contract.ts";
import type { Finding } from "./rules/rules.ts";
import { heldCauses, initialState, KEEP_LEASES_MS, type Settled, type SettleInput, settle } from "./settle.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Two in the afternoon, so that times told are easy to read. */
const NOW_MS = new Date(2026, 0, 14, 14, 0).getTime();
const MONOTONIC_MS = 5_000_000;

const limits = { coolDownMinutes: 5, gameCoolDownMinutes: 30 };

function finding(kind: Finding["kind"], rung: Finding["rung"], more: Partial<Finding> = {}): Finding {
	return { kind, rung, words: `${kind} is`, pastWords: `${kind} was`, untilMs: null, sustainMs: 0, ...more };
}
const film = finding("full-screen", "yield");
const game = finding("game", "yield");
const battery = finding("battery", "leave");
const request = finding("live-request", "freeze", { words: "answering /v1/embeddings" });
const load = finding("gpu-busy", "yield", { sustainMs: 4_000 });

/** Settles step by step; both clocks begin at 0 and go together unless told. */
function createWalk() {
	let settled: Settled | null = null;
	let wallAheadMs = 0;
	let atMs = 0;
	return {
		/** What is found at a moment, milliseconds from the beginning. */
		at(momentMs: number, findings: readonly Finding[], more: Partial<SettleInput> = {}): Settled {
			atMs = momentMs;
			settled = settle(settled?.state ?? initialState, {
				findings,
				nowMs: NOW_MS + momentMs + wallAheadMs,
				monotonicMs: MONOTONIC_MS + momentMs,
				limits,
				isWordGiven: false,
				share: 1,
				...more,
			});
			return settled;
		},
		/** The same findings, every ten seconds from the last moment up to this one. */
		until(momentMs: number, findings: readonly Finding[]): Settled {
			for (let next = atMs + 10 * SECOND_MS; next < momentMs; next += 10 * SECOND_MS) this.at(next, findings);
			return this.at(momentMs, findings);
		},
		moveWallClock(byMs: number): void {
			wallAheadMs += byMs;
		},
	};
}

test("with nothing found work may run, and nothing is waited for", () => {
	const { verdict, againAtMs } = createWalk().at(0, [], { share: 0.4 });
	expect(verdict).toEqual({
		rung: "run",
		reason: "may run",
		causes: [],
		sinceMs: NOW_MS,
		untilMs: null,
		keepsLeases: true,
		shareFraction: 0.4,
	});
	expect(againAtMs).toBeNull();
});

test("a cause is told with its beginning, and from its end on with when work comes back", () => {
	const walk = createWalk();
	walk.at(0, []);
	walk.at(10 * SECOND_MS, [film]);
	const during = walk.at(20 * SECOND_MS, [{ ...film, words: "mpv fills the screen" }]);
	expect(during.verdict).toMatchObject({ rung: "yield", reason: "waiting: mpv fills the screen", untilMs: null });
	expect(during.verdict.sinceMs).toBe(NOW_MS + 10 * SECOND_MS);
	const goneMs = 30 * SECOND_MS;
	const { verdict, againAtMs } = walk.at(goneMs, []);
	const untilMs = NOW_MS + goneMs + 5 * MINUTE_MS;
	const cause: Cause = {
		kind: "full-screen",
		rung: "yield",
		words: "full-screen was until 14:00",
		sinceMs: NOW_MS + 10 * SECOND_MS,
		isGone: true,
		untilMs,
	};
	expect(verdict.causes).toEqual([cause]);
	expect(verdict.untilMs).toBe(untilMs);
	expect(againAtMs).toBe(MONOTONIC_MS + goneMs + 5 * MINUTE_MS);
});

test("causes are told the gravest first, and the verdict ends with the last of them", () => {
	const untilMs = NOW_MS + 9 * 3_600_000;
	const hours = finding("outside-hours", "leave", { untilMs });
	const { verdict } = createWalk().at(0, [request, film, game, battery, hours]);
	expect(verdict.causes.map(({ kind }) => kind)).toEqual([
		"battery",
		"outside-hours",
		"game",
		"full-screen",
		"live-request",
	]);
	expect(verdict.untilMs).toBeNull();
	expect(createWalk().at(0, [hours]).verdict.untilMs).toBe(untilMs);
});

test("of causes on the same rung those that are over are told last", () => {
	const walk = createWalk();
	walk.at(0, [battery]);
	const { verdict } = walk.at(SECOND_MS, [finding("user-present", "leave")]);
	expect(verdict.causes.map(({ kind, isGone }) => [kind, isGone])).toEqual([
		["user-present", false],
		["battery", true],
	]);
	expect(verdict.reason).toBe("waiting: user-present is");
});

test("the owner's word also ends the cool-down of a load that shows again for a moment", () => {
	const walk = createWalk();
	walk.at(0, []);
	walk.until(MINUTE_MS, [load]);
	walk.at(MINUTE_MS + SECOND_MS, []);
	walk.at(MINUTE_MS + 2 * SECOND_MS, [load], { isWordGiven: true });
	expect(walk.at(MINUTE_MS + 4 * SECOND_MS, []).verdict.rung).toBe("run");
});

test("work that stopped for load is held by the lower threshold, work that runs is not", () => {
	const walk = createWalk();
	walk.at(0, []);
	expect(heldCauses(walk.at(2 * SECOND_MS, [load]).state)).toEqual(new Set());
	expect(heldCauses(walk.at(6 * SECOND_MS, [load]).state)).toEqual(new Set(["gpu-busy"]));
	expect(heldCauses(walk.at(8 * SECOND_MS, []).state)).toEqual(new Set());
});

test("load that lasts in a cool-down begins it anew", () => {
	const walk = createWalk();
	walk.at(0, []);
	walk.at(10 * SECOND_MS, [film]);
	walk.at(20 * SECOND_MS, []);
	walk.until(4 * MINUTE_MS, []);
	walk.until(5 * MINUTE_MS, [load]);
	walk.at(5 * MINUTE_MS + 2 * SECOND_MS, []);
	expect(walk.until(10 * MINUTE_MS, []).verdict.rung).toBe("yield");
	expect(walk.until(10 * MINUTE_MS + 2 * SECOND_MS, []).verdict.rung).toBe("run");
});

test("lines stay reserved for ten minutes after work was frozen or stopped, and somebody settles then", () => {
	const walk = createWalk();
	walk.at(0, []);
	const stopped = walk.at(SECOND_MS, [film]);
	expect(stopped.verdict.keepsLeases).toBe(true);
	expect(stopped.againAtMs).toBe(MONOTONIC_MS + SECOND_MS + KEEP_LEASES_MS);
	expect(walk.until(KEEP_LEASES_MS, [film]).verdict.keepsLeases).toBe(true);
	expect(walk.at(SECOND_MS + KEEP_LEASES_MS, [film]).verdict.keepsLeases).toBe(false);
});

test("the ten minutes are not begun anew when freezing turns into stopping", () => {
	const walk = createWalk();
	walk.at(0, []);
	walk.at(SECOND_MS, [request]);
	expect(walk.until(9 * MINUTE_MS, [request]).verdict.keepsLeases).toBe(true);
	walk.at(9 * MINUTE_MS + SECOND_MS, [film]);
	expect(walk.until(10 * MINUTE_MS + SECOND_MS, [film]).verdict.keepsLeases).toBe(false);
});

test("lines are given back at once when the machine is left, and stay so until work runs again", () => {
	const walk = createWalk();
	walk.at(0, []);
	expect(walk.at(SECOND_MS, [battery]).verdict.keepsLeases).toBe(false);
	walk.at(2 * SECOND_MS, [film]);
	expect(walk.until(40 * SECOND_MS, [film]).verdict).toMatchObject({ rung: "yield", keepsLeases: false });
	expect(walk.at(41 * SECOND_MS, [], { isWordGiven: true }).verdict).toMatchObject({ rung: "run", keepsLeases: true });
});

test("two starts are half a minute apart even where nothing is waited for", () => {
	const paused = finding("paused", "leave");
	const walk = createWalk();
	walk.at(0, []);
	walk.at(SECOND_MS, [paused]);
	const { verdict, againAtMs } = walk.at(2 * SECOND_MS, []);
	expect(verdict.reason).toBe("waiting: paused was until 14:00; work comes back within a minute");
	expect(againAtMs).toBe(MONOTONIC_MS + 30 * SECOND_MS);
	expect(walk.at(30 * SECOND_MS, []).verdict.rung).toBe("run");
});

test("a wall clock that is set neither stretches nor shortens a cool-down, and times told follow it", () => {
	for (const movedMs of [-3 * 3_600_000, 3 * 3_600_000]) {
		const walk = createWalk();
		walk.at(0, []);
		walk.at(SECOND_MS, [film]);
		walk.at(2 * SECOND_MS, []);
		walk.moveWallClock(movedMs);
		const { verdict } = walk.at(10 * SECOND_MS, []);
		expect(verdict.untilMs).toBe(NOW_MS + 2 * SECOND_MS + 5 * MINUTE_MS + movedMs);
		expect(walk.until(5 * MINUTE_MS, []).verdict.rung).toBe("yield");
		expect(walk.at(5 * MINUTE_MS + 2 * SECOND_MS, []).verdict.rung).toBe("run");
	}
});

test("clocks that drift apart by less than a second do not make the times told tremble", () => {
	const walk = createWalk();
	walk.at(0, []);
	walk.at(SECOND_MS, [film]);
	const first = walk.at(2 * SECOND_MS, []).verdict;
	walk.moveWallClock(400);
	expect(walk.at(4 * SECOND_MS, []).verdict).toEqual(first);
});

test("after sleep stopped work stays stopped for half a minute, whichever clock slept too", () => {
	for (const monotonicSleptMs of [0, 3_600_000]) {
		const walk = createWalk();
		walk.at(0, []);
		walk.at(SECOND_MS, [film]);
		walk.at(2 * SECOND_MS, []);
		walk.until(5 * MINUTE_MS, []);
		walk.moveWallClock(3_600_000 - monotonicSleptMs);
		const wokenMs = 5 * MINUTE_MS + 3 * SECOND_MS + monotonicSleptMs;
		expect(walk.at(wokenMs, []).verdict.rung).toBe("yield");
		expect(walk.until(wokenMs + 29 * SECOND_MS, []).verdict.rung).toBe("yield");
		expect(walk.at(wokenMs + 30 * SECOND_MS, []).verdict.rung).toBe("run");
	}
});

test("the owner's word is stronger than the wait after sleep", () => {
	const walk = createWalk();
	walk.at(0, [film]);
	walk.moveWallClock(3_600_000);
	expect(walk.at(SECOND_MS, [], { isWordGiven: true }).verdict.rung).toBe("run");
});

test("a cool-down that is set anew while it runs counts from its beginning", () => {
	const walk = createWalk();
	walk.at(0, []);
	walk.at(SECOND_MS, [game]);
	walk.at(2 * SECOND_MS, []);
	const shorter = walk.at(3 * SECOND_MS, [], { limits: { ...limits, gameCoolDownMinutes: 1 } });
	expect(shorter.againAtMs).toBe(MONOTONIC_MS + 2 * SECOND_MS + MINUTE_MS);
});
