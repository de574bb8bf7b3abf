import { expect, test } from "vitest";
import { sampleBatch } from "../testing.ts";
import { describeProgress, type ProgressFacts } from "./progress.ts";

const resting: ProgressFacts = {
	speed: null,
	othersAtWork: [],
	models: [],
	isInHand: false,
	isDraining: false,
	trouble: null,
	nowMs: 10_000,
	nightSpent: null,
	notPermitted: "waiting: you are at the computer",
	shortage: null,
	formatTime: String,
};

const activity = (facts: Partial<ProgressFacts>, changes = {}) =>
	describeProgress(sampleBatch("one", changes), { ...resting, ...facts }).activity;

test("who works on a batch is said before why this machine does nothing for it", () => {
	expect(activity({})).toBe("waiting: you are at the computer");
	expect(activity({ othersAtWork: ["attic"] })).toBe("attic works on it");
	expect(activity({ othersAtWork: ["attic", "shed"] })).toBe("attic and shed work on it");
	expect(activity({ othersAtWork: ["attic", "shed", "rack"] })).toBe("attic and 2 others work on it");
	expect(activity({ othersAtWork: ["attic"], isInHand: true })).toBe("attic works on it");
});

test("what concerns the batch itself is said first", () => {
	const pause = { cause: "user", message: "by you", atMs: 1 } as const;
	expect(activity({ othersAtWork: ["attic"] }, { pause })).toBe("paused: by you");
	expect(activity({ othersAtWork: ["attic"], trouble: "The disk is full." })).toBe("The disk is full.");
});

test("the time left is told by how fast all machines come on", () => {
	const speed = { linesPerSecond: 2, tokensPerSecond: 9 };
	expect(describeProgress(sampleBatch("one"), { ...resting, speed })).toMatchObject({ ...speed, secondsLeft: 5 });
});
