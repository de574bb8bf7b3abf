import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BatchesEvent, Verdict } from "../contract/contract.ts";
import type { BatchRecord, LedgerChange } from "../ledger/ledger.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "../ledger/testing/sqlite.ts";
import { createMemoryMesh } from "../mesh/testing.ts";
import { mayRun } from "../scheduler/testing.ts";
import { testLog } from "../settings/testing.ts";
import { createBatchFeed } from "./batch-feed.ts";
import { answerTo, makeBatch, makeEndedBatch, sampleDetails } from "./batch-testing.ts";

let given: SqliteUnderTest;
beforeEach(async () => {
	// Turns of the event loop stay as they are: the ledger needs them.
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
	given = await sqliteUnderTest();
});
afterEach(async () => {
	vi.useRealTimers();
	await given.dispose();
});

/** A feed over the ledger, with all that it does to be seen. */
function createFeedUnderTest() {
	const { ledger } = given;
	const described: string[] = [];
	const inHand = new Map<string, number>();
	const broken = new Set<string>();
	const watchers = new Set<object>();
	const verdictListeners = new Set<(verdict: Verdict) => void>();
	const log = testLog();
	const mesh = createMemoryMesh({ ledger });
	const watch = <T>(start: () => () => void, mark: T & object) => {
		watchers.add(mark);
		const stop = start();
		return () => {
			watchers.delete(mark);
			stop();
		};
	};
	const feed = createBatchFeed({
		ledger: {
			batch: ledger.batch,
			batches: ledger.batches,
			openBatches: ledger.openBatches,
			watch: (listener: (change: LedgerChange) => void) => watch(() => ledger.watch(listener), {}),
		},
		jobs: {
			progress(id) {
				const batch = ledger.batch(id);
				if (batch === null) return null;
				const rest = { linesPerSecond: 0, tokensPerSecond: 0, secondsLeft: null, activity: "", trouble: null };
				return { batch, isInHand: inHand.has(id), ...rest };
			},
		},
		scheduler: {
			watch: (listener) =>
				watch(() => {
					verdictListeners.add(listener);
					return () => void verdictListeners.delete(listener);
				}, {}),
		},
		mesh: { ...mesh, watch: (listener) => watch(() => mesh.watch(listener), {}) },
		describe({ id, completed }: BatchRecord) {
			described.push(id);
			if (broken.has(id)) throw new Error("The disk is damaged.");
			const words = `speed ${inHand.get(id) ?? 0}`;
			return sampleDetails({
				id,
				request_counts: { total: 3, completed, failed: 0 },
				health: { state: "waiting", words },
				durability: mesh.durabilityOf(id) ?? { level: 1, reason: "pending" },
			});
		},
		log,
	});
	return { feed, described, inHand, broken, watchers, log, mesh, changeVerdict: () => tellAll(verdictListeners) };
}

function tellAll(listeners: ReadonlySet<(verdict: Verdict) => void>): void {
	for (const listener of listeners) listener(mayRun);
}

/** Joins and keeps what is told; waits for the first event. */
async function join(feed: ReturnType<typeof createFeedUnderTest>["feed"]) {
	const events: BatchesEvent[] = [];
	const leave = feed.join((event) => void events.push(event));
	for (let turns = 0; events.length === 0 && turns < 1_000; turns += 1) await nextTurn();
	return { events, leave };
}

const idsOf = (event: BatchesEvent | undefined) => event?.changed.map(({ id }) => id);

test("begins with the newest hundred, newest first, and describes no other", async () => {
	const made: string[] = [];
	for (let count = 0; count < 103; count += 1) made.push((await makeBatch(given.ledger)).id);
	const { feed, described } = createFeedUnderTest();
	const { events } = await join(feed);
	expect(events).toHaveLength(1);
	expect(idsOf(events[0])).toEqual(made.slice(3).reverse());
	expect(events[0]?.gone).toEqual([]);
	expect(described).toHaveLength(100);
	// Who comes later is told the same without any of it being described anew.
	const second = await join(feed);
	expect(second.events[0]).toEqual(events[0]);
	expect(described).toHaveLength(100);
});

test("tells a page without batches that there are none", async () => {
	const { events } = await join(createFeedUnderTest().feed);
	expect(events).toEqual([{ changed: [], gone: [] }]);
});

test("tells what changed once a second at most, and describes nothing else", async () => {
	const [one, other] = [await makeBatch(given.ledger), await makeBatch(given.ledger)];
	const { feed, described } = createFeedUnderTest();
	const { events } = await join(feed);
	described.length = 0;
	await given.ledger.commit(one.id, [answerTo(0)]);
	await vi.advanceTimersByTimeAsync(1);
	expect(events[1]).toMatchObject({ changed: [{ id: one.id, request_counts: { completed: 1 } }], gone: [] });
	await given.ledger.commit(one.id, [answerTo(1)]);
	await given.ledger.commit(one.id, [answerTo(2)]);
	const { id } = await makeBatch(given.ledger);
	await vi.advanceTimersByTimeAsync(900);
	expect(events).toHaveLength(2);
	await vi.advanceTimersByTimeAsync(200);
	expect(events).toHaveLength(3);
	expect(events[2]).toMatchObject({ changed: [{ id: one.id, request_counts: { completed: 3 } }, { id }] });
	await vi.advanceTimersByTimeAsync(60_000);
	expect(events).toHaveLength(3);
	expect(described).not.toContain(other.id);
	expect(described).toHaveLength(3);
});

test("looks each second at batches in hand, and once more when they no longer are", async () => {
	const [working, waiting] = [await makeBatch(given.ledger), await makeBatch(given.ledger)];
	const { feed, inHand, described } = createFeedUnderTest();
	const { events } = await join(feed);
	described.length = 0;
	for (let speed = 1; speed <= 3; speed += 1) {
		inHand.set(working.id, speed);
		await vi.advanceTimersByTimeAsync(1_001);
	}
	expect(events.slice(1).flatMap(({ changed }) => changed.map(({ health }) => health.words))).toEqual([
		"speed 1",
		"speed 2",
		"speed 3",
	]);
	inHand.clear();
	await vi.advanceTimersByTimeAsync(3_000);
	expect(events.at(-1)?.changed).toMatchObject([{ id: working.id, health: { words: "speed 0" } }]);
	const count = events.length;
	await vi.advanceTimersByTimeAsync(10_000);
	expect(events).toHaveLength(count);
	expect(described).not.toContain(waiting.id);
});

test("looks at open batches when the machine may work, or no longer may", async () => {
	const open = await makeBatch(given.ledger);
	const ended = await makeEndedBatch(given.ledger);
	const { feed, described, changeVerdict } = createFeedUnderTest();
	const { events } = await join(feed);
	described.length = 0;
	changeVerdict();
	await vi.advanceTimersByTimeAsync(1);
	expect(described).toEqual([open.id]);
	expect(described).not.toContain(ended.id);
	// Nothing about it changed, so nothing is told.
	expect(events).toHaveLength(1);
});

test("tells of a batch that became safer without the ledger hearing of it, and looks at no other for that", async () => {
	const [safer, same] = [await makeBatch(given.ledger), await makeBatch(given.ledger)];
	const { feed, described, mesh } = createFeedUnderTest();
	const { events } = await join(feed);
	described.length = 0;
	mesh.setDurability(safer.id, { level: 2, reason: null });
	await vi.advanceTimersByTimeAsync(1);
	expect(events[1]).toMatchObject({ changed: [{ id: safer.id, durability: { level: 2, reason: null } }] });
	mesh.setTrouble("The port is taken.");
	await vi.advanceTimersByTimeAsync(5_000);
	expect(events).toHaveLength(2);
	expect(described).not.toContain(same.id);
});

test("tells which batches are gone", async () => {
	const { id } = await makeEndedBatch(given.ledger);
	const { feed } = createFeedUnderTest();
	const { events } = await join(feed);
	await given.ledger.deleteBatch(id);
	await vi.advanceTimersByTimeAsync(1);
	expect(events[1]).toEqual({ changed: [], gone: [id] });
});

test("does nothing while nobody listens, and knows nothing stale when somebody comes back", async () => {
	const { id } = await makeBatch(given.ledger);
	const { feed, described, watchers } = createFeedUnderTest();
	expect(watchers.size).toBe(0);
	const first = await join(feed);
	expect(watchers.size).toBe(3);
	first.leave();
	first.leave();
	expect([watchers.size, vi.getTimerCount()]).toEqual([0, 0]);
	described.length = 0;
	await given.ledger.commit(id, [answerTo(0)]);
	await vi.advanceTimersByTimeAsync(5_000);
	expect(described).toEqual([]);
	const second = await join(feed);
	expect(second.events[0]).toMatchObject({ changed: [{ id, request_counts: { completed: 1 } }] });
});

test("a page that comes just before a change is told takes it from nobody", async () => {
	const { id } = await makeBatch(given.ledger);
	const { feed } = createFeedUnderTest();
	const first = await join(feed);
	const created = await makeBatch(given.ledger);
	await given.ledger.commit(id, [answerTo(0)]);
	const second = await join(feed);
	expect(idsOf(second.events[0])).toContain(created.id);
	await vi.advanceTimersByTimeAsync(1);
	expect(idsOf(first.events[1])).toEqual([created.id, id]);
});

test("one that can't be described keeps no other from being shown, and is told of in the log once", async () => {
	const [bad, good] = [await makeBatch(given.ledger), await makeBatch(given.ledger)];
	const { feed, broken, log, inHand } = createFeedUnderTest();
	broken.add(bad.id);
	const { events } = await join(feed);
	expect(idsOf(events[0])).toEqual([good.id]);
	inHand.set(bad.id, 1);
	await vi.advanceTimersByTimeAsync(5_000);
	expect(log.told).toHaveLength(1);
	broken.clear();
	await vi.advanceTimersByTimeAsync(2_000);
	expect(idsOf(events[1])).toEqual([bad.id]);
});
