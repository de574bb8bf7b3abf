import { expect, test } from "vitest";
import { silentLog } from "../base/base.ts";
import { type Cause, type SettingsPatch, settingsSchema } from "../contract/contract.ts";
import { createSleeper, type SleepFacts, sleepWishes } from "./sleep.ts";

/** Saturday noon, local time. */
const nowMs = new Date(2026, 10, 21, 12, 0).getTime();
const beforeNightMs = new Date(2026, 10, 21, 22, 59).getTime();

function cause(kind: Cause["kind"], rung: Cause["rung"]): Cause {
	return { kind, rung, words: "", sinceMs: 0, isGone: false, untilMs: null };
}

function wishes(patch: SettingsPatch, causes: readonly Cause[], changes: Partial<SleepFacts> = {}) {
	const verdict: SleepFacts["verdict"] = { rung: causes[0]?.rung ?? "run", causes: [...causes] };
	return sleepWishes({
		nowMs,
		settings: settingsSchema.parse(patch),
		verdict,
		hasWork: true,
		supply: "mains",
		...changes,
	});
}

test("stays awake while work runs or may come back by itself, on mains or where nobody can tell", () => {
	expect(wishes({}, []).isKeptAwake).toBe(true);
	expect(wishes({}, [cause("live-request", "freeze")]).isKeptAwake).toBe(true);
	expect(wishes({}, [cause("game", "yield")]).isKeptAwake).toBe(true);
	expect(wishes({}, [], { supply: null }).isKeptAwake).toBe(true);
});

test("may sleep on battery, when all is done, when work has left, and when the owner wants it so", () => {
	expect(wishes({}, [], { supply: "battery" }).isKeptAwake).toBe(false);
	expect(wishes({}, [], { hasWork: false }).isKeptAwake).toBe(false);
	expect(wishes({}, [cause("user-present", "leave")]).isKeptAwake).toBe(false);
	expect(wishes({ sleep: { keepAwake: false } }, []).isKeptAwake).toBe(false);
});

test("wakes a minute before the night window when only the hour keeps work from running", () => {
	const night: SettingsPatch = { schedule: { mode: "night" }, sleep: { wakeForNight: true } };
	const late = cause("outside-hours", "leave");
	expect(wishes(night, [late]).wakeAtMs).toBe(beforeNightMs);
	expect(wishes(night, [late, cause("game", "yield")]).wakeAtMs).toBe(beforeNightMs);
	expect(wishes({ schedule: { mode: "night" } }, [late]).wakeAtMs).toBeNull();
	expect(wishes(night, [late], { hasWork: false }).wakeAtMs).toBeNull();
	expect(wishes(night, [late], { nowMs: beforeNightMs + 1 }).wakeAtMs).toBeNull();
	expect(wishes(night, []).wakeAtMs).toBeNull();
	for (const kind of ["paused", "snoozed", "battery", "hot"] as const) {
		expect(wishes(night, [cause(kind, "leave"), late]).wakeAtMs).toBeNull();
	}
});

test("who sits there by day is asleep in the night window, but where only being away counts no hour helps", () => {
	const present = cause("user-present", "leave");
	expect(wishes({ sleep: { wakeForNight: true } }, [present]).wakeAtMs).toBe(beforeNightMs);
	expect(wishes({ schedule: { mode: "away" }, sleep: { wakeForNight: true } }, [present]).wakeAtMs).toBeNull();
});

test("the computer is asked in turn, and only for what is new", async () => {
	const asked: string[] = [];
	const sleeper = createSleeper({
		log: silentLog,
		wakefulness: {
			async keepAwake(isWanted) {
				asked.push(`begin ${isWanted}`);
				await Promise.resolve();
				asked.push(`end ${isWanted}`);
				return { kind: "done" };
			},
			async wakeAt(atMs) {
				asked.push(`wake ${atMs}`);
				return { kind: "impossible", message: "no clock." };
			},
			async stop() {
				asked.push("stop");
			},
		},
	});
	sleeper.wish({ isKeptAwake: true, wakeAtMs: null });
	sleeper.wish({ isKeptAwake: true, wakeAtMs: null });
	sleeper.wish({ isKeptAwake: false, wakeAtMs: 5 });
	expect(sleeper.answer).toBeNull();
	await sleeper.stop();
	expect(asked).toEqual(["begin true", "end true", "begin false", "end false", "wake 5", "stop"]);
	expect(sleeper.answer).toEqual({ kind: "impossible", message: "no clock." });
});
