import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { MachineSnapshot, Verdict } from "../contract/contract.ts";
import { sampleSnapshot } from "../machine/testing.ts";
import { atWork, createStage, type Stage } from "./conductor-testing.ts";
import { gpuWith, residentModel } from "./sample-parts.ts";

const MINUTE_MS = 60_000;
/** Saturday noon, local time: outside the night window. */
const START_MS = new Date(2026, 10, 21, 12, 0).getTime();
const quiet = sampleSnapshot();

let stage: Stage;

beforeEach(() => {
	vi.useFakeTimers({ now: START_MS });
	stage = createStage();
});
afterEach(() => {
	vi.useRealTimers();
});

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

/** Starts, and lets the first look end. */
async function start(): Promise<void> {
	stage.scheduler.start();
	await pass(stage.sees.takesMs);
	stage.take();
}

/** Looks, once something is to be seen. */
async function see(changes: Partial<MachineSnapshot>): Promise<void> {
	stage.sees.changes = changes;
	const looking = stage.look();
	await pass(stage.sees.takesMs);
	await looking;
}

/** The machine looks every 15 s, as it does at its slowest. */
async function passLooking(milliseconds: number): Promise<void> {
	for (let leftMs = milliseconds; leftMs > 0; leftMs -= 15_000) {
		void stage.look();
		await pass(Math.min(leftMs, 15_000));
	}
}

const playing = (name: string): Partial<MachineSnapshot> => ({
	user: { ...quiet.user, foreground: { kind: "game", name } },
});
const filled: Partial<MachineSnapshot> = { user: { ...quiet.user, foreground: { kind: "full-screen", name: "mpv" } } };
const granted = () => stage.scheduler.permit().isGranted;

test("nothing may run before the first look has ended; then work is told", async () => {
	expect(granted()).toBe(false);
	stage.scheduler.start();
	await pass(9);
	expect(stage.scheduler.permit()).toMatchObject({ isGranted: false, reason: "waiting: looking at this computer" });
	await pass(1);
	expect(granted()).toBe(true);
	expect(stage.scheduler.verdict).toMatchObject({ rung: "run", reason: "may run" });
	expect(stage.take("attend", "suspend").at(-1)).toBe("attend granted");
});

test("a game stops work once, and its record is written when work may run again", async () => {
	stage.suspending.report = atWork;
	stage.suspending.takesMs = 300;
	await start();
	await see({ gpus: [gpuWith(6e9, 1e9)] });
	stage.take();
	await see({ ...playing("Quake"), gpus: [gpuWith(6e9, 1e9)] });
	expect(stage.take("suspend", "attend")).toEqual(["suspend", "attend refused"]);
	stage.sees.changes = { ...playing("Quake"), gpus: [gpuWith(0, 3e9)] };
	await pass(300 + 10);
	expect(stage.take("suspend", "look")).toEqual(["suspended", "look"]);
	expect(stage.told).toContain("batch work stopped: Quake is being played; everything was given back in 300 ms");
	await passLooking(MINUTE_MS);
	await see({});
	await passLooking(30 * MINUTE_MS - 1_000);
	expect(stage.take("for", "resume", "attend granted")).toEqual(["for batch"]);
	expect(stage.yields).toEqual([]);
	await pass(2_000);
	expect(stage.take("suspend", "resume", "attend granted")).toEqual(["resume", "attend granted"]);
	expect(stage.yields).toEqual([
		{
			number: 1,
			cause: { kind: "stop", cause: "game", words: "Quake is being played" },
			requests: 0,
			arrivedAtMs: START_MS + 30,
			handBackMs: 300,
			freedBytes: 6e9,
			batchSteps: 0,
			batchTokens: 0,
			frozenLanes: 16,
			frozenMs: expect.closeTo(31 * MINUTE_MS, -4),
			recomputedTokens: 900,
		},
	]);
});

test("a stop that takes longer than promised is a warning, and unknown memory is unknown", async () => {
	stage.suspending.report = atWork;
	stage.suspending.takesMs = 2_500;
	await start();
	await see({ ...playing("Quake"), gpus: [gpuWith(null, 1e9)] });
	await pass(3_000);
	expect(stage.told.at(-1)).toBe(
		"batch work stopped: Quake is being played; everything was given back in 2500 ms, longer than the 2 s it may take",
	);
	await stage.scheduler.stop();
	expect(stage.yields).toMatchObject([{ handBackMs: 2_500, freedBytes: null }]);
});

test("where nothing was in memory, nothing is recorded", async () => {
	await start();
	await see(playing("Quake"));
	await pass(MINUTE_MS);
	await stage.scheduler.stop();
	expect(stage.take("suspend")).toEqual(["suspend", "suspended"]);
	expect(stage.yields).toEqual([]);
	expect(stage.told.filter((line) => line.startsWith("batch work stopped"))).toEqual([]);
});

test("two causes that overlap are one stop, told by the first", async () => {
	stage.suspending.report = atWork;
	await start();
	await see(filled);
	await see(playing("Quake"));
	await stage.scheduler.setRest({ action: "pause" });
	await see({});
	expect(stage.take("for")).toEqual(["for all", "for batch"]);
	await stage.scheduler.setRest({ action: "resume" });
	await pass(0);
	expect(stage.yields).toMatchObject([{ cause: { cause: "full-screen", words: "mpv fills the screen" } }]);
});

test("a live request freezes nothing away: the permit stays; and during a stop it changes nothing", async () => {
	stage.suspending.report = atWork;
	await start();
	const cause = { kind: "request", endpoint: "/v1/chat/completions", client: "Zed" } as const;
	stage.visit({ cause, sinceMs: Date.now(), handBackMs: null });
	expect(stage.scheduler.verdict).toMatchObject({ rung: "freeze", reason: expect.stringContaining("for Zed") });
	expect(granted()).toBe(true);
	expect(stage.take()).toEqual([]);
	await see(filled);
	expect(stage.scheduler.verdict.rung).toBe("yield");
	stage.visit(null);
	stage.visit({ cause, sinceMs: Date.now(), handBackMs: null });
	stage.visit(null);
	await pass(MINUTE_MS);
	expect(stage.take("suspend", "resume")).toEqual(["suspend", "suspended"]);
	expect(granted()).toBe(false);
});

test("a pause has stopped work when it is answered, and resume lets it go at once", async () => {
	stage.suspending.report = atWork;
	stage.suspending.takesMs = 400;
	await start();
	const pausing = stage.scheduler.setRest({ action: "pause" });
	expect(granted()).toBe(false);
	let isAnswered = false;
	void pausing.then(() => {
		isAnswered = true;
	});
	await pass(399);
	expect(isAnswered).toBe(false);
	await pass(1);
	expect(isAnswered).toBe(true);
	expect(stage.scheduler.permit().keepsLeases).toBe(false);
	await stage.scheduler.setRest({ action: "resume" });
	expect(granted()).toBe(true);
	await pass(10);
	expect(stage.take("suspend", "resume")).toEqual(["suspend", "suspended", "resume"]);
	expect(stage.yields).toMatchObject([{ cause: { cause: "paused" }, frozenMs: 400 }]);
});

test("resume waits for no cool-down, but for a game that goes on", async () => {
	await start();
	await see(playing("Quake"));
	await stage.scheduler.setRest({ action: "resume" });
	expect(granted()).toBe(false);
	await see({});
	expect(granted()).toBe(false);
	await stage.scheduler.setRest({ action: "resume" });
	expect(granted()).toBe(true);
});

test("work that is let go while it is being stopped comes back when that is done", async () => {
	stage.suspending.report = atWork;
	stage.suspending.takesMs = 500;
	await start();
	void stage.scheduler.setRest({ action: "pause" });
	await pass(100);
	const resuming = stage.scheduler.setRest({ action: "resume" });
	await pass(399);
	expect(stage.take("suspend", "resume")).toEqual(["suspend"]);
	expect(granted()).toBe(false);
	await pass(1);
	await resuming;
	expect(stage.take("suspend", "resume")).toEqual(["suspended", "resume"]);
	expect(granted()).toBe(true);
});

test("work that is wanted stopped again by then stays stopped", async () => {
	stage.suspending.takesMs = 500;
	await start();
	for (const action of ["pause", "resume", "pause"] as const) void stage.scheduler.setRest({ action });
	await pass(MINUTE_MS);
	expect(stage.take("suspend", "resume")).toEqual(["suspend", "suspended"]);
	expect(granted()).toBe(false);
});

test("work that ran when the computer fell asleep goes on while it is looked at anew", async () => {
	await start();
	stage.sees.takesMs = 700;
	stage.clock.aheadMs = 3_600_000;
	await pass(1_000);
	expect(stage.take("look")).toEqual(["look"]);
	expect(granted()).toBe(true);
	await pass(700);
	expect(granted()).toBe(true);
	expect(stage.take("suspend", "resume")).toEqual([]);
});

test("what was begun while the computer slept stops work", async () => {
	await start();
	stage.sees.changes = playing("Quake");
	stage.clock.aheadMs = 3_600_000;
	await pass(1_010);
	expect(stage.take("suspend")).toEqual(["suspend", "suspended"]);
	expect(granted()).toBe(false);
});

test("work that stood still when the computer fell asleep is not let go before it was looked at", async () => {
	await start();
	await see(playing("Quake"));
	await see({});
	await passLooking(30 * MINUTE_MS - 1_000);
	stage.sees.takesMs = 5_000;
	stage.clock.aheadMs = 3_600_000;
	await pass(4_000);
	expect(granted()).toBe(false);
});

test("a rehearsal runs although other programs keep the processor busy", async () => {
	stage.sees.changes = { cpu: { ...sampleSnapshot().cpu, othersFraction: 0.9 } };
	await start();
	expect(stage.scheduler.permit()).toMatchObject({ isGranted: false, rehearses: false });
	stage.work.wantsToRehearse = true;
	await pass(1_100);
	expect(stage.scheduler.permit()).toMatchObject({ isGranted: false, rehearses: true });
});

test("the owner's own models stay where batch work only rests, and go when a game wants the memory", async () => {
	await start();
	await stage.scheduler.setRest({ action: "pause" });
	expect(stage.take("for")).toEqual(["for batch"]);
	await see(playing("Quake"));
	expect(stage.take("for")).toEqual(["for all"]);
	await see({});
	expect(stage.take("for")).toEqual(["for batch"]);
});

test("changed settings count at once", async () => {
	await start();
	stage.change({ schedule: { mode: "night" } });
	expect(granted()).toBe(false);
	expect(stage.scheduler.verdict).toMatchObject({ rung: "leave", causes: [{ kind: "outside-hours" }] });
});

test("a computer that can't be looked at is tried again, and nothing runs meanwhile", async () => {
	stage.sees.isBroken = true;
	stage.scheduler.start();
	await pass(4_000);
	expect(stage.take("look")).toEqual(["look"]);
	expect(stage.told).toEqual(["looking at this computer failed; batch work waits"]);
	expect(granted()).toBe(false);
	stage.sees.isBroken = false;
	await pass(2_100);
	expect(stage.take("look")).toEqual(["look"]);
	expect(granted()).toBe(true);
});

test("a look that fails after a stop costs the record no more than that figure", async () => {
	stage.suspending.report = atWork;
	await start();
	await see({ ...playing("Quake"), gpus: [gpuWith(6e9, 1e9)] });
	stage.sees.isBroken = true;
	await pass(100);
	await stage.scheduler.stop();
	expect(stage.yields).toMatchObject([{ freedBytes: null, frozenLanes: 16 }]);
});

test("stopping the service while work is being stopped writes the record and lets nothing go", async () => {
	stage.suspending.report = atWork;
	stage.suspending.takesMs = 500;
	await start();
	void stage.scheduler.setRest({ action: "pause" });
	await pass(100);
	const stopping = stage.scheduler.stop();
	await pass(600);
	await stopping;
	expect(stage.yields).toMatchObject([{ handBackMs: 500, frozenLanes: 16 }]);
	await stage.scheduler.stop();
	await pass(MINUTE_MS);
	expect(stage.yields).toHaveLength(1);
	expect(stage.take("suspend", "resume", "attend granted", "may sleep").slice(0, 3)).toEqual([
		"suspend",
		"suspended",
		"may sleep",
	]);
	expect(granted()).toBe(false);
});

test("a rehearsal runs although somebody is at the computer, and gives everything back when it is over", async () => {
	const present = { user: { ...quiet.user, hasDesktop: true, idleMs: 0 } };
	stage.sees.changes = present;
	await start();
	expect(stage.scheduler.permit()).toMatchObject({ isGranted: false, rehearses: false });
	stage.work.wantsToRehearse = true;
	await pass(1_000);
	expect(stage.scheduler.permit()).toMatchObject({ isGranted: false, rehearses: true });
	expect(stage.take("suspend", "resume", "attend")).toEqual(["resume", "attend to rehearse"]);
	stage.suspending.report = atWork;
	stage.suspending.takesMs = 100;
	stage.work.wantsToRehearse = false;
	await pass(1_100);
	expect(stage.take("suspend", "resume", "attend")).toEqual(["suspend", "attend refused", "suspended"]);
	stage.work.wantsToRehearse = true;
	await see({ ...present, power: { supply: "battery", batteryFraction: 0.9 } });
	await pass(MINUTE_MS);
	expect(stage.scheduler.permit().rehearses).toBe(false);
});

test("the computer is looked at closely only while there is something to stop", async () => {
	stage.work.hasWork = false;
	stage.scheduler.start();
	await pass(1_000);
	stage.work.models = [residentModel()];
	await pass(1_000);
	stage.work.models = [];
	await pass(2_000);
	stage.work.hasWork = true;
	await pass(2_000);
	expect(stage.take("pace")).toEqual(["pace seldom", "pace closely", "pace seldom", "pace closely"]);
});

test("by day work takes the share it may", async () => {
	await start();
	stage.change({ day: { gpuPercent: 50 } });
	await see({});
	await see({});
	expect(stage.take("share")).toEqual(["share 0.5"]);
	expect(stage.scheduler.verdict.shareFraction).toBe(0.5);
});

test("the computer is kept awake while there is work it may do, and woken for the night window", async () => {
	stage.scheduler.start();
	await pass(1_000);
	expect(stage.take("awake", "wake")).toEqual(["awake true"]);
	expect(stage.scheduler.wakeAnswer).toEqual({ kind: "done" });
	stage.change({ schedule: { mode: "night" }, sleep: { wakeForNight: true } });
	await pass(1_000);
	expect(stage.take("awake", "wake")).toEqual(["awake false", "wake at 22:59"]);
	stage.work.hasWork = false;
	await pass(1_000);
	expect(stage.take("awake", "wake")).toEqual(["wake at no time"]);
	await stage.scheduler.stop();
	expect(stage.take("may sleep")).toEqual(["may sleep"]);
});

test("a computer that can't be kept awake is told of once", async () => {
	stage.wake.canStayAwake = false;
	stage.scheduler.start();
	await pass(1_000);
	for (const hasWork of [false, true, false, true]) {
		stage.work.hasWork = hasWork;
		await pass(1_000);
	}
	expect(stage.take("awake")).toHaveLength(5);
	expect(stage.told).toEqual(["the computer does not do as asked about its sleep: nothing here can do that."]);
	expect(stage.scheduler.wakeAnswer).toEqual({ kind: "impossible", message: "nothing here can do that." });
});

test("who watches hears every change of rung or reason once", async () => {
	const heard: Verdict["rung"][] = [];
	const unwatch = stage.scheduler.watch(({ rung }) => void heard.push(rung));
	stage.scheduler.start();
	await pass(5_000);
	await see(filled);
	await see(filled);
	expect(heard).toEqual(["run", "yield"]);
	unwatch();
	await stage.scheduler.setRest({ action: "pause" });
	expect(heard).toHaveLength(2);
});
