import { expect, test } from "vitest";
import type { NoticeKind, NoticeObject } from "../../native/contract/contract.ts";
import { sampleNotice, settingsWith } from "../testing/sample-state.ts";
import { type Circumstances, decide, type Effect, nothingTold } from "./rules.ts";

const now: Circumstances = {
	nowMs: 1_700_000_100_000,
	startedAtMs: 1_700_000_000_000,
	wanted: settingsWith().notifications,
	seenHash: null,
};

/** Titles of what is shown, and tags of what is closed. */
function inShort(effects: readonly Effect[]): readonly string[] {
	return effects.map((effect) => (effect.kind === "show" ? effect.card.title : `close ${effect.tag}`));
}

function decided(notices: readonly NoticeObject[], changes: Partial<Circumstances> = {}): readonly string[] {
	return inShort(decide(nothingTold(0, now.startedAtMs), notices, { ...now, ...changes }).effects);
}

function ofKind(kind: NoticeKind): NoticeObject {
	return sampleNotice(1, { kind, title: kind, ...(kind === "report" ? { batch_id: null } : {}) });
}

test("people are told of everything but what they did themselves", () => {
	const told = [
		"completed",
		"failed",
		"expired",
		"needs-attention",
		"deadline-at-risk",
		"rehearsed",
		"report",
	] as const;
	for (const kind of told) expect(decided([ofKind(kind)])).toEqual([kind]);
	expect(decided([ofKind("cancelled")])).toEqual([]);
});

test.each([
	["done", ["completed", "rehearsed"]],
	["failed", ["failed", "expired"]],
	["attention", ["needs-attention", "deadline-at-risk"]],
	["morning", ["report"]],
] as const)("the switch %s silences its kinds and no other", (group, kinds) => {
	const wanted = { ...settingsWith().notifications, [group]: false };
	const all = ["completed", "failed", "expired", "needs-attention", "deadline-at-risk", "rehearsed", "report"] as const;
	const told = all.filter((kind) => decided([ofKind(kind)], { wanted }).length > 0);
	expect(told).toEqual(all.filter((kind) => !kinds.some((one) => one === kind)));
});

test("before the settings are known everything is told", () => {
	expect(decided([ofKind("completed")], { wanted: null })).toEqual(["completed"]);
});

test("two stand for themselves, with the third one summary stands for all", () => {
	const two = [sampleNotice(1), sampleNotice(2)];
	expect(decided(two)).toEqual(["batch_1.jsonl is done", "batch_2.jsonl is done"]);
	expect(decided([...two, sampleNotice(3)])).toEqual([
		"close batch:batch_1",
		"close batch:batch_2",
		"close batch:batch_3",
		"3 batches: 3 done",
	]);
});

test("a summary grows while more come, and names first what somebody has to see to", () => {
	const first = decide(nothingTold(0, now.startedAtMs), [sampleNotice(1), sampleNotice(2)], now);
	const attention = sampleNotice(3, { kind: "needs-attention", title: "batch_3.jsonl needs you" });
	const second = decide(first.told, [attention], { ...now, nowMs: now.nowMs + 9_000 });
	expect(inShort(second.effects).at(-1)).toBe("3 batches: 2 done, 1 needs you");
	const third = decide(second.told, [sampleNotice(4), sampleNotice(5)], { ...now, nowMs: now.nowMs + 18_000 });
	const [summary] = third.effects.flatMap((effect) => (effect.kind === "show" ? [effect.card] : []));
	expect(summary).toEqual({
		tag: "summary",
		title: "5 batches: 4 done, 1 needs you",
		body: "batch_3.jsonl needs you\nbatch_5.jsonl is done\nbatch_4.jsonl is done\nand 2 more",
		hash: "#/jobs",
		stays: true,
	});
});

test("after ten quiet seconds the next one stands for itself again", () => {
	const burst = decide(
		nothingTold(0, now.startedAtMs),
		[1, 2, 3].map((number) => sampleNotice(number)),
		now,
	);
	const later = decide(burst.told, [sampleNotice(4)], { ...now, nowMs: now.nowMs + 10_000 });
	expect(inShort(later.effects)).toEqual(["batch_4.jsonl is done"]);
});

test("of one batch only the newest counts, and it counts once", () => {
	const risk = sampleNotice(1, { batch_id: "b", kind: "deadline-at-risk", title: "b may not be done in time" });
	const done = sampleNotice(2, { batch_id: "b", title: "b is done" });
	expect(decided([risk, done])).toEqual(["b is done"]);
	const first = decide(nothingTold(0, now.startedAtMs), [risk], now);
	expect(inShort(decide(first.told, [done, sampleNotice(3)], now).effects)).toEqual([
		"b is done",
		"batch_3.jsonl is done",
	]);
});

test("the morning report stands beside a summary, never in it", () => {
	const report = sampleNotice(4, { kind: "report", batch_id: null, title: "The report of the night is ready" });
	const told = decided([...[1, 2, 3].map((number) => sampleNotice(number)), report]);
	expect(told).toContain("3 batches: 3 done");
	expect(told).toContain("The report of the night is ready");
});

test("who looks at the job is told nothing, and what was said of it before goes", () => {
	expect(decided([sampleNotice(1)], { seenHash: "#/jobs/batch_1" })).toEqual(["close batch:batch_1"]);
	expect(decided([sampleNotice(1)], { seenHash: "#/jobs/batch_2" })).toEqual(["batch_1.jsonl is done"]);
	expect(decided([ofKind("report")], { seenHash: "#/morning" })).toEqual(["close report"]);
	expect(decided([ofKind("rehearsed")], { seenHash: "#/" })).toEqual(["close batch:batch_1"]);
});

test("each is told once", () => {
	const first = decide(nothingTold(6, now.startedAtMs), [sampleNotice(6), sampleNotice(7)], now);
	expect(inShort(first.effects)).toEqual(["batch_7.jsonl is done"]);
	expect(first.told.lastNumber).toBe(7);
	expect(decide(first.told, [sampleNotice(7)], now).effects).toEqual([]);
});

test("a data folder that was begun anew counts from one again, and is heard all the same", () => {
	const before = decide(nothingTold(0, now.startedAtMs), [sampleNotice(500)], now);
	const anew = sampleNotice(1, { at: 1_700_001_000, title: "first of a new folder" });
	const first = decide(before.told, [anew], { ...now, nowMs: 1_700_001_001_000 });
	expect(inShort(first.effects)).toEqual(["first of a new folder"]);
	expect(first.told.lastNumber).toBe(1);
	expect(decide(first.told, [anew], now).effects).toEqual([]);
});

test("what was silenced counts as told: switching on again brings nothing old back", () => {
	const wanted = settingsWith({ notifications: { done: false } }).notifications;
	expect(decide(nothingTold(0, now.startedAtMs), [sampleNotice(3)], { ...now, wanted }).told.lastNumber).toBe(3);
});

test("the very first start of the shell tells nothing of the time before it", () => {
	const before = sampleNotice(8, { at: now.startedAtMs / 1_000 - 60 });
	const after = sampleNotice(9, { at: now.startedAtMs / 1_000 });
	const first = decide(nothingTold(null, now.startedAtMs), [before, after], now);
	expect(inShort(first.effects)).toEqual(["batch_9.jsonl is done"]);
	// A shell that ran before tells what was missed, however old.
	expect(decided([before])).toEqual(["batch_8.jsonl is done"]);
});

test("a long text is cut where no system shows more", () => {
	const { effects } = decide(nothingTold(0, now.startedAtMs), [sampleNotice(1, { body: "word ".repeat(200) })], now);
	const [effect] = effects;
	expect(effect?.kind === "show" ? effect.card.body.length : 0).toBe(240);
});
