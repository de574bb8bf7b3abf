import { expect, test } from "vitest";
import type { BatchRecord } from "../../ledger/ledger.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import { sampleBatch } from "../testing.ts";
import { alwaysPermitted, type WorkPermit } from "../work-permit.ts";
import { type ChoiceDeps, createChoice } from "./choice.ts";

function choiceOf(batches: readonly BatchRecord[], changes: Partial<ChoiceDeps> = {}) {
	return createChoice({
		openBatches: () => batches,
		models: () => [],
		isNightSpent: () => false,
		permit: () => alwaysPermitted,
		slackMs: () => new Map(),
		troubles: { isResting: () => false },
		clock: { nowMs: () => 10_000, monotonicMs: () => 10_000 },
		...changes,
	});
}

const soon = { manifest: sampleManifest({ priority: "soon" }) };

test("work on a batch is over when one of a higher tier comes, and not before", () => {
	const batches = [sampleBatch("a")];
	const choice = choiceOf(batches);
	expect(choice.isOver()).toBe(false);
	const first = choice.next();
	expect(first?.id).toBe("a");
	choice.begin(sampleBatch("a"));
	expect(choice.current?.batchId).toBe("a");
	expect(choice.isOver()).toBe(false);
	batches.push(sampleBatch("b"));
	expect(choice.isOver()).toBe(false);
	batches.push(sampleBatch("c", soon));
	expect(choice.isOver()).toBe(true);
	choice.end();
	expect(choice.next()?.id).toBe("c");
});

test("a batch that just failed lets others go first, and has its turn where nobody else is due", () => {
	const batches = [sampleBatch("broken", soon), sampleBatch("sound")];
	const choice = choiceOf(batches, { troubles: { isResting: (id) => id === "broken" } });
	expect(choice.next()?.id).toBe("sound");
	choice.begin(sampleBatch("sound"));
	expect(choice.isOver()).toBe(false);
	choice.end();
	batches.pop();
	expect(choice.next()?.id).toBe("broken");
});

test("while work is not permitted nothing is chosen but a rehearsal that somebody waits for, and what is at work is over", () => {
	const batches = [sampleBatch("plain", soon)];
	let permit: WorkPermit = alwaysPermitted;
	const choice = choiceOf(batches, { permit: () => permit });
	expect(choice.next()?.id).toBe("plain");
	choice.begin(sampleBatch("plain", soon));
	permit = { ...alwaysPermitted, isGranted: false, rehearses: false };
	expect(choice.isOver()).toBe(true);
	choice.end();
	batches.push(sampleBatch("rehearsal", { isHeld: true }));
	expect(choice.next()).toBeNull();
	permit = { ...permit, rehearses: true };
	expect(choice.next()?.id).toBe("rehearsal");
	choice.begin(sampleBatch("rehearsal", { isHeld: true }));
	expect(choice.isOver()).toBe(false);
});

test("a batch whose model is in memory goes before an older one whose model is not", () => {
	const other = sampleBatch("b", { createdAtMs: 2_000, model: { name: "other", digest: "1".repeat(64) } });
	const model = {
		source: { path: "/models/other.gguf", name: "other" },
		state: { kind: "empty" },
		processId: null,
		isLeaving: false,
		batchUsers: 0,
		interactiveUsers: 0,
	} as const;
	expect(choiceOf([sampleBatch("a"), other]).next()?.id).toBe("a");
	expect(choiceOf([sampleBatch("a"), other], { models: () => [model] }).next()?.id).toBe("b");
	expect(choiceOf([sampleBatch("a"), other], { models: () => [{ ...model, isLeaving: true }] }).next()?.id).toBe("a");
});
