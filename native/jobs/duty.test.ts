import { expect, test } from "vitest";
import { silentLog } from "../base/base.ts";
import type { BatchRecord } from "../ledger/ledger.ts";
import { createDuty, type DutyDeps } from "./duty.ts";
import { sampleBatch } from "./testing.ts";
import type { WorkSignals } from "./work/feed.ts";

/** A duty over a list of due batches, told step by step what happens. */
function dutyOver(due: BatchRecord[], perform: DutyDeps["perform"]) {
	const troubles: (string | null)[] = [];
	let letGo = 0;
	const duty = createDuty({
		name: "test",
		next: () => due[0] ?? null,
		perform,
		onTrouble: (_batchId, message) => troubles.push(message),
		onLetGo: () => {
			letGo++;
		},
		log: silentLog,
	});
	return { duty, troubles, letGo: () => letGo };
}

test("takes due batches one after another until none is left", async () => {
	const due = [sampleBatch("a"), sampleBatch("b")];
	const taken: string[] = [];
	const both = Promise.withResolvers<void>();
	const { duty } = dutyOver(due, async (batch) => {
		taken.push(batch.id);
		due.shift();
		if (due.length === 0) both.resolve();
	});
	duty.start();
	await both.promise;
	await duty.stop();
	expect(taken).toEqual(["a", "b"]);
});

test("sleeps when nothing is due and wakes when told", async () => {
	const due: BatchRecord[] = [];
	const done = Promise.withResolvers<void>();
	const { duty, letGo } = dutyOver(due, async () => {
		due.shift();
		done.resolve();
	});
	duty.start();
	due.push(sampleBatch("late"));
	duty.wake();
	await done.promise;
	await duty.stop();
	expect(letGo()).toBe(1);
});

test("interrupts only the batch it is asked to", async () => {
	const due = [sampleBatch("a")];
	const began = Promise.withResolvers<AbortSignal>();
	const { duty } = dutyOver(due, async (_batch, { stop }) => {
		began.resolve(stop);
		await new Promise((resolve) => stop.addEventListener("abort", resolve));
		due.shift();
	});
	duty.start();
	const signal = await began.promise;
	expect(duty.current()).toBe("a");
	duty.interrupt("b");
	expect(signal.aborted).toBe(false);
	duty.interrupt("a");
	expect(signal.aborted).toBe(true);
	await duty.stop();
	expect(duty.current()).toBeNull();
});

test("tells trouble, tries again after a pause, and takes the trouble back", async () => {
	const due = [sampleBatch("a")];
	const mended = Promise.withResolvers<void>();
	let attempts = 0;
	const { duty, troubles } = dutyOver(due, async () => {
		attempts++;
		if (attempts === 1) throw new Error("disk full");
		due.shift();
		mended.resolve();
	});
	duty.start();
	await mended.promise;
	await duty.stop();
	expect(troubles).toEqual(["disk full", null]);
});

test("stopping waits for the batch in hand to let go", async () => {
	const due = [sampleBatch("a")];
	const began = Promise.withResolvers<void>();
	let isOver = false;
	const { duty } = dutyOver(due, async (_batch, { stop }) => {
		began.resolve();
		await new Promise((resolve) => stop.addEventListener("abort", resolve));
		isOver = true;
	});
	duty.start();
	await began.promise;
	await duty.stop();
	expect(isOver).toBe(true);
});

test("drains only the batch it is asked to, and does not stop it", async () => {
	const due = [sampleBatch("a")];
	const began = Promise.withResolvers<WorkSignals>();
	const { duty } = dutyOver(due, async (_batch, signals) => {
		began.resolve(signals);
		await new Promise((resolve) => signals.drain.addEventListener("abort", resolve));
		due.shift();
	});
	duty.start();
	const { stop, drain } = await began.promise;
	duty.drain("b");
	expect(drain.aborted).toBe(false);
	duty.drain("a");
	expect(drain.aborted).toBe(true);
	expect(stop.aborted).toBe(false);
	await duty.stop();
});
