import { afterEach, expect, test, vi } from "vitest";
import type { LineResult } from "../../ledger/ledger.ts";
import { sampleResult } from "../testing.ts";
import { createGatherer, RECORD_AFTER_MS, RECORD_SHARED_AFTER_MS } from "./gather.ts";

function gathering(commit: (results: readonly LineResult[]) => Promise<void>, recordAfterMs = RECORD_AFTER_MS) {
	const troubles: (string | null)[] = [];
	const onTrouble = (message: string | null) => troubles.push(message);
	return { gatherer: createGatherer({ commit, recordAfterMs: () => recordAfterMs, onTrouble }), troubles };
}

afterEach(() => {
	vi.useRealTimers();
});

test("results that come close together are recorded together, in order", async () => {
	const groups: number[][] = [];
	const { gatherer } = gathering(async (results) => {
		groups.push(results.map((result) => result.line));
	});
	for (const line of [3, 1, 2]) gatherer.add(sampleResult(line));
	await gatherer.drain();
	expect(groups).toEqual([[3, 1, 2]]);
});

test("results are recorded by themselves after a moment", async () => {
	const recorded = Promise.withResolvers<number>();
	const { gatherer } = gathering(async (results) => recorded.resolve(results.length));
	gatherer.add(sampleResult(1));
	expect(await recorded.promise).toBe(1);
});

test("with other machines results are gathered longer, but for those that somebody waits for", async () => {
	vi.useFakeTimers();
	const groups: number[][] = [];
	const { gatherer } = gathering(async (results) => {
		groups.push(results.map((result) => result.line));
	}, RECORD_SHARED_AFTER_MS);
	gatherer.add(sampleResult(1));
	await vi.advanceTimersByTimeAsync(RECORD_SHARED_AFTER_MS - 100);
	gatherer.add(sampleResult(2));
	expect(groups).toEqual([]);
	await vi.advanceTimersByTimeAsync(100);
	expect(groups).toEqual([[1, 2]]);
	gatherer.add(sampleResult(3));
	gatherer.hasten();
	gatherer.add(sampleResult(4));
	gatherer.add(sampleResult(5));
	await vi.advanceTimersByTimeAsync(RECORD_AFTER_MS);
	expect(groups).toEqual([
		[1, 2],
		[3, 4, 5],
	]);
	gatherer.add(sampleResult(6));
	await vi.advanceTimersByTimeAsync(RECORD_AFTER_MS);
	expect(groups).toHaveLength(2);
	gatherer.hasten();
	await vi.advanceTimersByTimeAsync(RECORD_AFTER_MS);
	expect(groups).toHaveLength(3);
	gatherer.hasten();
	gatherer.add(sampleResult(7));
	await vi.advanceTimersByTimeAsync(RECORD_AFTER_MS);
	expect(groups).toHaveLength(3);
});

test("what comes while a group is being recorded goes into the next group, never two at once", async () => {
	let recording = 0;
	let most = 0;
	let total = 0;
	const { gatherer } = gathering(async (results) => {
		most = Math.max(most, ++recording);
		await new Promise(setImmediate);
		total += results.length;
		recording--;
	});
	for (let line = 0; line < 20; line++) {
		gatherer.add(sampleResult(line, { payload: "x".repeat(4 << 20) }));
		await gatherer.room();
	}
	await gatherer.drain();
	expect(most).toBe(1);
	expect(total).toBe(20);
});

test("a disk that fails is told of, and no result is lost once it works again", async () => {
	const recorded: number[] = [];
	let failures = 1;
	const { gatherer, troubles } = gathering(async (results) => {
		if (failures-- > 0) throw new Error("no space left");
		recorded.push(...results.map((result) => result.line));
	});
	gatherer.add(sampleResult(1));
	gatherer.add(sampleResult(2));
	await gatherer.drain();
	expect(recorded).toEqual([1, 2]);
	expect(troubles).toEqual(["Results can't be recorded: no space left", null]);
});

test("there is no room while too much waits for the disk", async () => {
	const gate = Promise.withResolvers<void>();
	const { gatherer } = gathering(() => gate.promise);
	gatherer.add(sampleResult(1, { payload: "x".repeat(16 << 20) }));
	let hasRoom = false;
	const room = gatherer.room().then(() => {
		hasRoom = true;
	});
	await new Promise(setImmediate);
	expect(hasRoom).toBe(false);
	gate.resolve();
	await room;
	expect(hasRoom).toBe(true);
});

test("when the service must end, a disk that never works again does not hold it up", async () => {
	let attempts = 0;
	const { gatherer } = gathering(async () => {
		attempts++;
		throw new Error("no space left");
	});
	gatherer.add(sampleResult(1));
	const drained = gatherer.drain();
	await gatherer.letGo();
	await drained;
	expect(attempts).toBeGreaterThan(0);
});
