/** The owner's own word: pause and snooze. Kept in a file, so that neither a crash nor a restart forgets it. */
import { readFileSync, renameSync, rmSync } from "node:fs";
import { z } from "zod";
import { assertNever, type Clock, err, errorCode, type Log, ok, parseJson, type Result } from "../base/base.ts";
import type { Rest, RestRequest, SettingsValues } from "../contract/contract.ts";
import { editFile } from "../settings/edit-file.ts";
import { nextNight } from "./rules/hours.ts";
import type { RestFault } from "./scheduler.ts";

/** Keeps the owner's word. */
export interface RestKeeper {
	/** What holds now: a snooze whose time is over is none. */
	readonly current: Rest;
	/** Holds before it answers; on disk when it resolves. A fault means that a restart would forget it. */
	set(request: RestRequest): Promise<Result<Rest, RestFault>>;
}

/** What it is made from. */
export interface RestDeps {
	readonly path: string;
	readonly clock: Clock;
	readonly log: Log;
	/** The night windows; asked when somebody snoozes until tomorrow. */
	readonly night: () => SettingsValues["night"];
}

const HOUR_MS = 3_600_000;
/** Two days and the hour that one of them may have more: from just after midnight to the end of tomorrow. */
const LONGEST_SNOOZE_MS = 49 * HOUR_MS;
/** Wall and monotonic clocks drift apart a little; the moment shown must not tremble for that. */
const DRIFT_MS = 1_000;

const restFileSchema = z.strictObject({
	isPaused: z.boolean(),
	/** `askedMs`: how long it was asked for, which holds whatever became of the clock since. */
	snooze: z.strictObject({ untilMs: z.number(), askedMs: z.number().min(0).max(LONGEST_SNOOZE_MS) }).nullable(),
});
type RestFile = z.output<typeof restFileSchema>;

/** A snooze ends at a moment of the wall clock, or when what was asked for has gone by: whichever comes first. */
interface Held extends RestFile {
	/** Monotonic. */
	readonly endsMs: number;
}

/** Reads what the owner said last. A file that can't be used is kept aside, and then nothing is paused. */
export function createRest({ path, clock, log, night }: RestDeps): RestKeeper {
	// Only the service writes this file, and it is alone in its folder: a lock is what a killed one left.
	rmSync(`${path}.lock`, { force: true });
	let held = hold(readRest(path, log), clock);
	/** One write after the other, so that the last word is the one that stays. */
	let writing: Promise<unknown> = Promise.resolve();

	function current(): Rest {
		return { isPaused: held.isPaused, snoozedUntilMs: snoozedUntilMs(held, clock) };
	}

	return {
		get current() {
			return current();
		},
		async set(request) {
			const file = applied(request, current(), clock.nowMs(), night());
			held = hold(file, clock);
			const written = writing.then(() => editFile<never>(path, () => ok(`${JSON.stringify(file)}\n`)));
			writing = Promise.allSettled([written]);
			const result = await written;
			if (result.ok) return ok(current());
			log.error({ path, fault: result.error }, "a pause or snooze could not be written down");
			const message = `${result.error.message} What you asked for holds now, but is forgotten when Nightshift is restarted.`;
			return err({ kind: "not-written", message });
		},
	};
}

function hold(file: RestFile, clock: Clock): Held {
	const { snooze } = file;
	const leftMs = snooze === null ? 0 : Math.min(snooze.untilMs - clock.nowMs(), snooze.askedMs);
	return { ...file, endsMs: clock.monotonicMs() + leftMs };
}

/** Null: it is over, or there is none. */
function snoozedUntilMs({ snooze, endsMs }: Held, clock: Clock): number | null {
	if (snooze === null) return null;
	const nowMs = clock.nowMs();
	const leftMs = Math.min(snooze.untilMs - nowMs, endsMs - clock.monotonicMs());
	if (leftMs <= 0) return null;
	return snooze.untilMs - nowMs > leftMs + DRIFT_MS ? Math.ceil(nowMs + leftMs) : snooze.untilMs;
}

function applied(request: RestRequest, present: Rest, nowMs: number, night: SettingsValues["night"]): RestFile {
	switch (request.action) {
		case "pause":
			return { isPaused: true, snooze: snoozeUntil(present.snoozedUntilMs, nowMs) };
		case "snooze": {
			const untilMs = request.for === "tomorrow" ? tomorrowMs(nowMs, night) : nowMs + hoursOf(request.for) * HOUR_MS;
			return { isPaused: present.isPaused, snooze: snoozeUntil(untilMs, nowMs) };
		}
		case "resume":
			return { isPaused: false, snooze: null };
		default:
			return assertNever(request);
	}
}

function snoozeUntil(untilMs: number | null, nowMs: number): RestFile["snooze"] {
	return untilMs === null ? null : { untilMs, askedMs: Math.max(0, untilMs - nowMs) };
}

function hoursOf(length: "1h" | "3h" | "12h"): number {
	return Number.parseInt(length, 10);
}

/** When tomorrow's work begins: the first night window that begins tomorrow, or noon where none does. Unix milliseconds. */
export function tomorrowMs(nowMs: number, night: SettingsValues["night"]): number {
	const now = new Date(nowMs);
	const at = (daysOn: number, hours: number) =>
		new Date(now.getFullYear(), now.getMonth(), now.getDate() + daysOn, hours).getTime();
	const opensMs = nextNight(at(1, 0) - 1, night);
	return opensMs !== null && opensMs < at(2, 0) ? opensMs : at(1, 12);
}

function readRest(path: string, log: Log): RestFile {
	const nothing: RestFile = { isPaused: false, snooze: null };
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (errorCode(error) === "") throw error;
		if (errorCode(error) !== "ENOENT") log.error({ error, path }, "rest.json can't be read: nothing is paused");
		return nothing;
	}
	const parsed = restFileSchema.safeParse(parseJson(text));
	if (parsed.success) return parsed.data;
	keepAside(path, log);
	return nothing;
}

/** The last broken one is enough: nobody mends it, it only shows what happened. */
function keepAside(path: string, log: Log): void {
	const asidePath = `${path}.broken`;
	const told = "rest.json can't be used: nothing is paused. Pause again if you want it so.";
	try {
		renameSync(path, asidePath);
		log.warn({ path, asidePath }, `${told} The file was kept aside.`);
	} catch (error) {
		if (errorCode(error) === "") throw error;
		log.warn({ error, path }, told);
	}
}
