import { describe, expect, it } from "vitest";
import { type Occupant, planDeparture, planStep, type Room } from "./room-plan.ts";

const NOW_MS = 100_000;
const a = { path: "/models/a.gguf", name: "a" };
const b = { path: "/models/b.gguf", name: "b" };

function occupant(one: Partial<Occupant> = {}): Occupant {
	const unused = {
		isBroken: false,
		batchUsers: 0,
		interactiveUsers: 0,
		lastLiveUseMs: null,
		isDue: false,
		isOutdated: false,
	};
	return { source: a, phase: "ready", servesBatch: true, ...unused, ...one };
}

function room(occupants: readonly Occupant[], more: Partial<Room<Occupant>> = {}): Room<Occupant> {
	return {
		occupants,
		mostModels: 2,
		liveKeepMs: 60_000,
		areGatesClosed: false,
		isSuspended: false,
		suspendedKeepMs: 10_000,
		nowMs: NOW_MS,
		isTooBig: false,
		notBeforeMs: null,
		...more,
	};
}

const forBatch = (occupants: readonly Occupant[], more?: Partial<Room<Occupant>>) =>
	planStep({ source: a, use: "batch" }, room(occupants, more));
const forLive = (occupants: readonly Occupant[], more?: Partial<Room<Occupant>>) =>
	planStep({ source: a, use: "interactive" }, room(occupants, more));

describe("a model that was loaded in a way that is no longer the best", () => {
	it("leaves once nobody uses it, and not before it is up", () => {
		const outdated = occupant({ isOutdated: true });
		expect(planDeparture(room([occupant(), outdated]))).toEqual({ kind: "clear", occupant: outdated });
		for (const more of [
			{ batchUsers: 1 },
			{ interactiveUsers: 1 },
			{ phase: "loading" },
			{ phase: "leaving" },
		] as const) {
			expect(planDeparture(room([{ ...outdated, ...more }]))).toEqual({ kind: "wait", untilMs: null });
		}
	});
});

describe("while batch work is suspended", () => {
	const suspended = { isSuspended: true };

	it("a batch gets no model, not even one that is there", () => {
		expect(forBatch([], suspended)).toEqual({ kind: "wait", untilMs: null });
		expect(forBatch([occupant({ interactiveUsers: 1 })], suspended)).toEqual({ kind: "wait", untilMs: null });
	});

	it("a live request shares what is there, and what it loads has no lanes for batch work", () => {
		const there = occupant({ interactiveUsers: 1, isDue: true });
		expect(forLive([there], suspended)).toEqual({ kind: "join", occupant: there });
		expect(forLive([], suspended)).toEqual({ kind: "load", beside: false, liveOnly: true });
		expect(forLive([])).toEqual({ kind: "load", beside: false, liveOnly: false });
		expect(forLive([occupant({ source: b })], suspended)).toEqual({ kind: "load", beside: true, liveOnly: true });
	});

	it("what was there leaves with its last live user, also while it loads", () => {
		const due = occupant({ isDue: true, servesBatch: false, lastLiveUseMs: NOW_MS });
		expect(planDeparture(room([due], suspended))).toEqual({ kind: "clear", occupant: due });
		const loading = { ...due, phase: "loading" as const };
		expect(planDeparture(room([loading], suspended))).toEqual({ kind: "clear", occupant: loading });
		expect(planDeparture(room([{ ...due, interactiveUsers: 1 }], suspended))).toEqual({ kind: "wait", untilMs: null });
		expect(planDeparture(room([{ ...due, phase: "leaving" }], suspended))).toEqual({ kind: "wait", untilMs: null });
	});

	it("what was loaded since stays for a short while after its last user", () => {
		const asked = (agoMs: number) => occupant({ servesBatch: false, lastLiveUseMs: NOW_MS - agoMs });
		const waits = planDeparture(room([asked(4_000), asked(3_000)], suspended));
		expect(waits).toEqual({ kind: "wait", untilMs: NOW_MS + 6_000 });
		const over = asked(10_000);
		expect(planDeparture(room([asked(0), over], suspended))).toEqual({ kind: "clear", occupant: over });
		const broken = { ...asked(0), isBroken: true };
		expect(planDeparture(room([broken], suspended))).toEqual({ kind: "clear", occupant: broken });
	});
});

describe("at other times", () => {
	it("nothing leaves by itself", () => {
		const idle = [occupant(), occupant({ source: b, lastLiveUseMs: 0 })];
		expect(planDeparture(room(idle))).toEqual({ kind: "wait", untilMs: null });
	});

	it("a batch whose model did not fit waits for the next try, shares it where it is there after all, and holds up no live request", () => {
		const short = { notBeforeMs: NOW_MS + 5 };
		expect(forBatch([], short)).toEqual({ kind: "wait", untilMs: NOW_MS + 5 });
		expect(forBatch([occupant({ source: b })], short)).toEqual({ kind: "wait", untilMs: NOW_MS + 5 });
		expect(forBatch([occupant()], short)).toMatchObject({ kind: "join" });
		expect(forBatch([occupant({ phase: "loading" })], short)).toMatchObject({ kind: "wait" });
		expect(forBatch([occupant({ phase: "loading" })])).toMatchObject({ kind: "join" });
		expect(forLive([], short)).toMatchObject({ kind: "load" });
		expect(forBatch([], { notBeforeMs: NOW_MS })).toEqual({ kind: "load", beside: false, liveOnly: false });
	});

	it("a model without lanes for batch work is loaded anew for a batch", () => {
		const liveOnly = occupant({ servesBatch: false, lastLiveUseMs: NOW_MS });
		expect(forBatch([liveOnly])).toEqual({ kind: "clear", occupant: liveOnly });
		expect(forBatch([{ ...liveOnly, interactiveUsers: 1 }])).toEqual({ kind: "wait", untilMs: null });
	});
});
