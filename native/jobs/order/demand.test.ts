import { describe, expect, test } from "vitest";
import type { BatchRecord } from "../../ledger/ledger.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import { sampleBatch } from "../testing.ts";
import { type DemandFacts, hasWork, SOON_MS, wantsToRehearse } from "./demand.ts";

const nowMs = 1_000_000;
const facts: DemandFacts = { nowMs, isNightSpent: false };
const rehearsed = { lines: 5, failed: 0, inputTokens: 5, outputTokens: 5, durationMs: 1_000, atMs: 1 };
const pause = { cause: "user", message: "By you.", atMs: 1 } as const;
const givenUp = { fault: { code: "bad", message: "Bad.", param: null, line: null }, atMs: 1 };
const beginningIn = (ms: number) => ({ manifest: sampleManifest({ notBeforeMs: nowMs + ms }) });

/** A batch, whether it is a rehearsal somebody waits for, and whether it is work. */
const cases: readonly (readonly [string, Partial<BatchRecord>, boolean, boolean])[] = [
	["with lines left", {}, false, true],
	["that is still to be checked", { status: "validating", total: 0 }, false, true],
	["that was never checked in its window", { status: "validating", total: 0, expiresAtMs: nowMs }, false, true],
	["without lines left", { completed: 10 }, false, false],
	["paused", { pause }, false, false],
	["paused before it was checked", { status: "validating", total: 0, pause }, false, false],
	["given up", { givenUp }, false, false],
	["at the end of its window", { expiresAtMs: nowMs }, false, false],
	["being written", { status: "finalizing" }, false, false],
	["being cancelled", { status: "cancelling" }, false, false],
	["completed", { status: "completed" }, false, false],
	["that may begin tonight", beginningIn(SOON_MS), false, true],
	["that may begin later", beginningIn(SOON_MS + 1), false, false],
	["to be rehearsed", { isHeld: true }, true, true],
	["to be rehearsed of which all is answered", { isHeld: true, completed: 10 }, true, true],
	["to be rehearsed whatever its time", { isHeld: true, ...beginningIn(SOON_MS + 1) }, true, true],
	["to be checked and then rehearsed", { isHeld: true, status: "validating", total: 0 }, true, true],
	["rehearsed", { isHeld: true, rehearsed }, false, false],
	["whose rehearsal is paused", { isHeld: true, pause }, false, false],
	["whose rehearsal came too late", { isHeld: true, expiresAtMs: nowMs }, false, false],
	["queued after its rehearsal", { rehearsed }, false, true],
];

describe("what a batch wants of the machine", () => {
	test.each(cases)("%s", (_name, changes, isRehearsal, isWork) => {
		const batch = sampleBatch("one", changes);
		expect([wantsToRehearse([batch], facts), hasWork([batch], facts)]).toEqual([isRehearsal, isWork]);
	});

	test("after the night's budget is used up only rehearsals are work", () => {
		const spent = { ...facts, isNightSpent: true };
		expect(hasWork([sampleBatch("one")], spent)).toBe(false);
		expect(hasWork([sampleBatch("one"), sampleBatch("two", { isHeld: true })], spent)).toBe(true);
	});

	test("one among many is enough, and none is none", () => {
		const many = [sampleBatch("one", { pause }), sampleBatch("two"), sampleBatch("three", { isHeld: true })];
		expect([wantsToRehearse(many, facts), hasWork(many, facts)]).toEqual([true, true]);
		expect([wantsToRehearse([], facts), hasWork([], facts)]).toEqual([false, false]);
	});
});
