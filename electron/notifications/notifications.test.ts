import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Platform } from "../base/base.ts";
import { createFakeLink, type FakeLink } from "../testing/fake-link.ts";
import { createFakeLog, type FakeLog } from "../testing/fake-log.ts";
import { createFakeMemory, type FakeMemory } from "../testing/fake-memory.ts";
import { FakeNotifications } from "../testing/fake-notification.ts";
import { sampleNotice, settingsWith, up } from "../testing/sample-state.ts";
import { createNotifications, GATHER_MS, type Notifications } from "./notifications.ts";

let link: FakeLink;
let memory: FakeMemory;
let desktop: FakeNotifications;
let notifications: Notifications;
let seenHash: string | null;
let opened: string[];
let log: FakeLog;

function start(platform: Platform = "darwin"): void {
	notifications = createNotifications({
		link,
		memory,
		platform,
		create: desktop.create,
		isSupported: () => desktop.isSupported,
		handleActivation: platform === "win32" ? desktop.handleActivation : null,
		history: platform === "darwin" ? desktop.history : null,
		seenHash: () => seenHash,
		open: (hash) => void opened.push(hash),
		log,
	});
}

beforeEach(() => {
	vi.useFakeTimers({ now: 1_700_000_000_000 });
	link = createFakeLink({ service: up, settings: settingsWith() });
	memory = createFakeMemory({ lastNotice: 0 });
	desktop = new FakeNotifications();
	seenHash = null;
	opened = [];
	log = createFakeLog();
});
afterEach(() => {
	notifications.stop();
	vi.useRealTimers();
});

test("a batch that is done pops up once, and a click opens it", () => {
	start();
	link.notice(sampleNotice(1));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.standing).toMatchObject([{ title: "batch_1.jsonl is done", body: "100 lines", id: "batch:batch_1" }]);
	desktop.click("batch_1.jsonl is done");
	expect(opened).toEqual(["#/jobs/batch_1"]);
});

test("what was missed while the computer slept comes as one notification", () => {
	start();
	for (let number = 1; number <= 40; number++) link.notice(sampleNotice(number));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.titles).toEqual(["40 batches: 40 done"]);
	expect(desktop.popUps).toBe(1);
});

test.each(["darwin", "win32", "linux"] as const)(
	"on %s a later word on a batch takes the earlier one's place",
	(platform) => {
		start(platform);
		link.notice(sampleNotice(1, { batch_id: "b", kind: "deadline-at-risk", title: "b may not be done in time" }));
		vi.advanceTimersByTime(20_000);
		link.notice(sampleNotice(2, { batch_id: "b", title: "b is done" }));
		vi.advanceTimersByTime(20_000);
		expect(desktop.titles).toEqual(["b is done"]);
		expect(desktop.popUps).toBe(2);
	},
);

test.each(["darwin", "win32", "linux"] as const)("on %s a summary takes the place of those it counts", (platform) => {
	start(platform);
	link.notice(sampleNotice(1));
	link.notice(sampleNotice(2));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.titles).toHaveLength(2);
	link.notice(sampleNotice(3));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.titles).toEqual(["3 batches: 3 done"]);
});

test("nothing pops up for what is told a second time, in this run or the next", () => {
	start();
	link.notice(sampleNotice(5));
	vi.advanceTimersByTime(GATHER_MS);
	link.notice(sampleNotice(5));
	vi.advanceTimersByTime(GATHER_MS);
	notifications.stop();
	expect(memory.current.lastNotice).toBe(5);
	start();
	link.notice(sampleNotice(5));
	link.notice(sampleNotice(6));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.titles).toEqual(["batch_5.jsonl is done", "batch_6.jsonl is done"]);
	expect(desktop.popUps).toBe(2);
});

test("who looks at the job is left alone, and it counts as told", () => {
	start();
	seenHash = "#/jobs/batch_1";
	link.notice(sampleNotice(1));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.popUps).toBe(0);
	expect(memory.current.lastNotice).toBe(1);
});

test("a switch that was turned off silences at once", () => {
	start();
	link.become({ settings: settingsWith({ notifications: { done: false } }) });
	link.notice(sampleNotice(1));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.popUps).toBe(0);
});

test("a batch that needs somebody stays on the screen, others go by themselves", () => {
	start("linux");
	link.notice(sampleNotice(1, { kind: "needs-attention" }));
	link.notice(sampleNotice(2));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.standing).toMatchObject([
		{ timeoutType: "never", urgency: "normal" },
		{ timeoutType: "default", urgency: "low" },
	]);
	expect(desktop.standing.some((options) => "id" in options || "actions" in options)).toBe(false);
});

test("an unsigned build, of which macOS shows nothing, says so once", () => {
	start();
	desktop.failure = "Notifications are not allowed for this application";
	link.notice(sampleNotice(1));
	link.notice(sampleNotice(2));
	vi.advanceTimersByTime(GATHER_MS);
	expect(log.lines).toEqual([expect.stringContaining("Notifications are not allowed")]);
	expect(log.lines[0]).toContain("signed");
	// People may allow it meanwhile.
	desktop.failure = null;
	vi.advanceTimersByTime(20_000);
	link.notice(sampleNotice(3));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.titles).toEqual(["batch_3.jsonl is done"]);
});

test("a desktop without notifications is told of once too", () => {
	start("linux");
	desktop.isSupported = false;
	link.notice(sampleNotice(1));
	link.notice(sampleNotice(2));
	vi.advanceTimersByTime(GATHER_MS);
	expect(log.lines).toHaveLength(1);
	expect(desktop.popUps).toBe(0);
});

test("on Windows a click that is told twice opens the job, and nothing else after it", () => {
	start("win32");
	link.notice(sampleNotice(1));
	vi.advanceTimersByTime(GATHER_MS);
	desktop.click("batch_1.jsonl is done");
	vi.advanceTimersByTime(5_000);
	expect(opened).toEqual(["#/jobs/batch_1"]);
});

test("on Windows a click on what an earlier run has shown leads to its job, or else to all jobs", () => {
	start("win32");
	desktop.activate("type=click&tag=batch%3Abatch_9");
	expect(opened).toEqual(["#/jobs/batch_9"]);
	desktop.activate("type=click&tag=12345");
	vi.advanceTimersByTime(5_000);
	expect(opened).toEqual(["#/jobs/batch_9", "#/jobs"]);
	desktop.activate("type=click&tag=batch:../../evil");
	vi.advanceTimersByTime(5_000);
	expect(opened.at(-1)).toBe("#/jobs");
});

test("on macOS a click on what an earlier run has shown leads to its place, and a later word replaces it", async () => {
	start();
	link.notice(sampleNotice(1));
	link.notice(sampleNotice(2));
	vi.advanceTimersByTime(GATHER_MS);
	notifications.stop();
	start();
	await vi.advanceTimersByTimeAsync(0);
	desktop.click("batch_1.jsonl is done");
	expect(opened).toEqual(["#/jobs/batch_1"]);
	seenHash = "#/jobs/batch_2";
	link.notice(sampleNotice(3, { batch_id: "batch_2" }));
	vi.advanceTimersByTime(GATHER_MS);
	expect(desktop.titles).toEqual([]);
});

test("only so many notifications are held on to: the oldest is let go and stays where it is", () => {
	start("linux");
	for (let number = 1; number <= 33; number++) {
		link.notice(sampleNotice(number));
		vi.advanceTimersByTime(20_000);
	}
	for (const batchId of ["batch_1", "batch_2"]) {
		seenHash = `#/jobs/${batchId}`;
		link.notice(sampleNotice(batchId === "batch_1" ? 34 : 35, { batch_id: batchId }));
		vi.advanceTimersByTime(20_000);
	}
	expect(desktop.titles).toContain("batch_1.jsonl is done");
	expect(desktop.titles).not.toContain("batch_2.jsonl is done");
});

test("the shell's own words are shown at once", () => {
	start();
	notifications.tell({
		tag: "opened",
		title: "notes.txt can't be used",
		body: "It is no batch.",
		hash: "#/",
		stays: false,
	});
	expect(desktop.titles).toEqual(["notes.txt can't be used"]);
});

test("after its end nothing pops up any more", () => {
	start();
	link.notice(sampleNotice(1));
	notifications.stop();
	vi.advanceTimersByTime(20_000);
	expect(desktop.popUps).toBe(0);
	expect(memory.current.lastNotice).toBe(0);
});
