import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchManifest, BatchRecord } from "../../ledger/ledger.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import { sampleBatch } from "../testing.ts";
import {
	AGEING_MS,
	type CurrentWork,
	chooseBatch,
	LEAST_TURN_MS,
	type OrderFacts,
	shouldLeave,
	TURN_MS,
	takeUp,
} from "./order.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const nowMs = 1_000 * HOUR_MS;

/** A batch that waits since some minutes. */
function waiting(
	id: string,
	minutes: number,
	manifest: Partial<BatchManifest> = {},
	changes: Partial<BatchRecord> = {},
): BatchRecord {
	const cameMs = nowMs - minutes * MINUTE_MS;
	return sampleBatch(id, {
		createdAtMs: cameMs,
		inProgressAtMs: cameMs,
		expiresAtMs: nowMs + 24 * HOUR_MS,
		manifest: sampleManifest(manifest),
		...changes,
	});
}

const model = (name: string) => ({ name, digest: name });
const rehearsed = { lines: 5, failed: 0, inputTokens: 5, outputTokens: 5, durationMs: 1_000, atMs: 1 };

function factsWith(changes: Partial<OrderFacts> = {}): OrderFacts {
	return { nowMs, current: null, residentModels: new Set(), isNightSpent: false, slackMs: new Map(), ...changes };
}

/** The batch in hand since some minutes. */
function since(batchId: string, minutes: number, waitedMinutes = 0): CurrentWork {
	return { batchId, sinceMs: nowMs - minutes * MINUTE_MS, waitedMs: waitedMinutes * MINUTE_MS };
}

function chosen(batches: readonly BatchRecord[], changes: Partial<OrderFacts> = {}): string | undefined {
	return chooseBatch(batches, factsWith(changes))?.id;
}

describe("which batch goes first", () => {
	test("a rehearsal goes before everything, at once, even before its time and in a night that is used up", () => {
		const rehearsal = waiting("rehearsal", 0, { notBeforeMs: nowMs + HOUR_MS }, { isHeld: true });
		const soon = waiting("soon", 600, { priority: "soon" });
		expect(chosen([soon, rehearsal])).toBe("rehearsal");
		expect(chosen([soon, rehearsal], { current: since("soon", 1), isNightSpent: true })).toBe("rehearsal");
		const older = waiting("older", 5, {}, { isHeld: true });
		expect(chosen([rehearsal, older])).toBe("older");
		expect(chosen([rehearsal, older], { current: since("rehearsal", 1) })).toBe("rehearsal");
	});

	test("what may not go on does not: held, paused, given up, early, expired, done, ended, or at night without budget", () => {
		const excluded = [
			waiting("held", 1, {}, { isHeld: true, rehearsed }),
			waiting("paused", 1, {}, { pause: { cause: "user", message: "", atMs: 1 } }),
			waiting("paused rehearsal", 1, {}, { isHeld: true, pause: { cause: "user", message: "", atMs: 1 } }),
			waiting("given up", 1, {}, { givenUp: { fault: { code: "", message: "", param: null, line: null }, atMs: 1 } }),
			waiting("early", 1, { notBeforeMs: nowMs + 1 }),
			waiting("expired", 1, {}, { expiresAtMs: nowMs }),
			waiting("done", 1, {}, { completed: 7, failed: 3 }),
			waiting("validating", 1, {}, { status: "validating" }),
			waiting("cancelling", 1, {}, { status: "cancelling" }),
		];
		expect(chosen(excluded)).toBeUndefined();
		expect(chosen([...excluded, waiting("fit", 1, { notBeforeMs: nowMs })])).toBe("fit");
		expect(chosen([waiting("fit", 1)], { isNightSpent: true })).toBeUndefined();
		expect(shouldLeave(excluded, factsWith({ current: since("paused", 1) }))).toBe(true);
		expect(shouldLeave(excluded, factsWith())).toBe(false);
	});

	test("soon goes before standard, until that has waited four hours longer", () => {
		const soon = waiting("soon", 10, { priority: "soon" });
		expect(chosen([waiting("standard", 249), soon])).toBe("soon");
		expect(chosen([waiting("standard", 250), soon])).toBe("standard");
	});

	test("waiting counts from the last work, from being queued, or from when it may begin", () => {
		const soon = waiting("soon", 0, { priority: "soon" });
		const worked = { lastWorkedAtMs: nowMs - MINUTE_MS };
		expect(chosen([waiting("standard", 600, {}, worked), soon])).toBe("soon");
		const queuedNow = { lastWorkedAtMs: nowMs - 600 * MINUTE_MS, inProgressAtMs: nowMs - MINUTE_MS };
		expect(chosen([waiting("standard", 600, {}, queuedNow), soon])).toBe("soon");
		expect(chosen([waiting("standard", 600, { notBeforeMs: nowMs - MINUTE_MS }), soon])).toBe("soon");
		expect(chosen([waiting("standard", 600), soon])).toBe("standard");
	});

	test("the model in memory is preferred, unless another is a tier higher or has waited half an hour longer", () => {
		const residentModels = new Set(["here"]);
		const here = waiting("here", 10, {}, { model: model("here") });
		expect(chosen([waiting("away", 39), here], { residentModels })).toBe("here");
		expect(chosen([waiting("away", 40), here], { residentModels })).toBe("away");
		expect(chosen([waiting("away", 0, { priority: "soon" }), here], { residentModels })).toBe("away");
	});

	test("among equals the one with the least slack goes first, then the oldest", () => {
		const batches = [waiting("older", 12), waiting("newer", 10), waiting("newest", 1)];
		expect(chosen(batches)).toBe("older");
		expect(chosen(batches, { slackMs: new Map([["newer", HOUR_MS]]) })).toBe("newer");
		const both = new Map([
			["newer", HOUR_MS],
			["newest", -HOUR_MS],
		]);
		expect(chosen(batches, { slackMs: both })).toBe("newest");
	});
});

describe("when a batch in hand is left", () => {
	const standard = waiting("standard", 60, {}, { lastWorkedAtMs: nowMs });

	test("for an equal one after its turn, not before, however long that has waited", () => {
		const batches = [standard, waiting("other", 61)];
		expect(chosen(batches, { current: since("standard", 9) })).toBe("standard");
		expect(chosen(batches, { current: since("standard", 10) })).toBe("other");
		expect(shouldLeave(batches, factsWith({ current: since("standard", 9) }))).toBe(false);
		expect(shouldLeave(batches, factsWith({ current: since("standard", 10) }))).toBe(true);
	});

	test("for one of a higher tier at once, unless it came to its turn by age", () => {
		const batches = [standard, waiting("soon", 1, { priority: "soon" })];
		expect(chosen(batches, { current: since("standard", 2) })).toBe("soon");
		expect(chosen(batches, { current: since("standard", 2, 241) })).toBe("standard");
		expect(chosen(batches, { current: since("standard", 10, 241) })).toBe("soon");
	});

	test("not for an older one that has not waited long", () => {
		const newer = waiting("newer", 50, {}, { lastWorkedAtMs: nowMs });
		const older = waiting("older", 60, {}, { lastWorkedAtMs: nowMs - 20 * MINUTE_MS });
		expect(chosen([newer, older], { current: since("newer", 15) })).toBe("newer");
	});

	test("not for one with only a little less slack", () => {
		const batches = [standard, waiting("other", 5)];
		const slack = (minutes: number) =>
			new Map([
				["standard", 2 * HOUR_MS],
				["other", minutes * MINUTE_MS],
			]);
		expect(chosen(batches, { current: since("standard", 15), slackMs: slack(95) })).toBe("standard");
		expect(chosen(batches, { current: since("standard", 15), slackMs: slack(85) })).toBe("other");
	});
});

const anyBatch = (id: string) =>
	fc
		.record({
			minutes: fc.nat(20).map((count) => count * 30),
			priority: fc.constantFrom("soon" as const, "standard" as const),
			modelName: fc.constantFrom("a", "b", "c"),
			isHeld: fc.boolean(),
			isPaused: fc.boolean(),
			isEarly: fc.boolean(),
			lastWorked: fc.option(fc.nat(600)),
		})
		.map((drawn) =>
			waiting(
				id,
				drawn.minutes,
				{ priority: drawn.priority, notBeforeMs: drawn.isEarly ? nowMs + 1 : null },
				{
					isHeld: drawn.isHeld && drawn.minutes % 90 === 0,
					model: model(drawn.modelName),
					pause: drawn.isPaused && drawn.minutes % 60 === 0 ? { cause: "user", message: "", atMs: 1 } : null,
					lastWorkedAtMs: drawn.lastWorked === null ? null : nowMs - drawn.lastWorked * MINUTE_MS,
				},
			),
		);
const anyBatches = fc.nat(7).chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => anyBatch(`b${n}`))));
const anyFacts = fc
	.record({
		current: fc.option(fc.record({ index: fc.nat(7), minutes: fc.nat(60), waited: fc.nat(600) })),
		resident: fc.subarray(["a", "b", "c"]),
		isNightSpent: fc.boolean(),
		slack: fc.dictionary(fc.constantFrom("b0", "b1", "b2", "b3"), fc.integer({ min: -1e8, max: 1e8 })),
	})
	.map(({ current, resident, isNightSpent, slack }) =>
		factsWith({
			current: current && since(`b${current.index}`, current.minutes, current.waited),
			residentModels: new Set(resident),
			isNightSpent,
			slackMs: new Map(Object.entries(slack)),
		}),
	);

describe("whatever batches there are", () => {
	test("the choice does not depend on the order of the list", () => {
		const shuffled = anyBatches.chain((batches) =>
			fc.tuple(fc.constant(batches), fc.shuffledSubarray([...batches], { minLength: batches.length })),
		);
		fc.assert(
			fc.property(shuffled, anyFacts, ([batches, other], facts) => {
				expect(chooseBatch(other, facts)).toBe(chooseBatch(batches, facts));
			}),
		);
	});

	test("there is a choice exactly if some batch may run by itself", () => {
		fc.assert(
			fc.property(anyBatches, anyFacts, (batches, facts) => {
				const alone = batches.filter((batch) => chooseBatch([batch], facts) !== null);
				const choice = chooseBatch(batches, facts);
				if (choice === null) expect(alone).toEqual([]);
				else expect(alone).toContain(choice);
			}),
		);
	});

	test("choosing again with the choice in hand keeps it", () => {
		fc.assert(
			fc.property(anyBatches, anyFacts, (batches, facts) => {
				const choice = chooseBatch(batches, facts);
				if (choice === null) return;
				const isKept = choice.id === facts.current?.batchId;
				const current = isKept ? facts.current : takeUp(choice, nowMs);
				const residentModels = new Set(choice.model === null ? [] : [choice.model.digest]);
				// Leaving a batch records the work on it.
				const after = batches.map((batch) =>
					batch.id === facts.current?.batchId ? { ...batch, lastWorkedAtMs: nowMs } : batch,
				);
				expect(chooseBatch(after, { ...facts, current, residentModels })?.id).toBe(choice.id);
			}),
		);
	});
});

/** A batch of a simulated machine. */
interface Job {
	batch: BatchRecord;
	minutesLeft: number;
}

/** One change of the batch in hand. */
interface Change {
	readonly atMs: number;
	readonly to: BatchRecord;
	readonly from: BatchRecord | null;
	/** How long the one before had been in hand; null: it was done, or there was none. */
	readonly heldMs: number | null;
}

function slackOf({ expiresAtMs }: BatchRecord, minutesLeft: number, atMs: number): number {
	return expiresAtMs - atMs - minutesLeft * MINUTE_MS;
}

/** Runs a machine minute by minute: asks for the choice, works on it, takes in what `arrivals` says. */
function simulate(minutes: number, start: readonly Job[], arrivals: (minute: number, open: number) => readonly Job[]) {
	const jobs: Job[] = [...start];
	const changes: Change[] = [];
	let current: CurrentWork | null = null;
	for (let minute = 0; minute < minutes; minute++) {
		const atMs: number = nowMs + minute * MINUTE_MS;
		jobs.push(...arrivals(minute, jobs.length));
		const batches = jobs.map(({ batch }) => batch);
		const before: BatchRecord | null = batches.find(({ id }) => id === current?.batchId) ?? null;
		const residentModels = new Set(before?.model ? [before.model.digest] : []);
		const slackMs = new Map(jobs.map(({ batch, minutesLeft }) => [batch.id, slackOf(batch, minutesLeft, atMs)]));
		const choice = chooseBatch(batches, factsWith({ nowMs: atMs, current, residentModels, slackMs }));
		if (choice === null) {
			current = null;
			continue;
		}
		if (choice.id !== current?.batchId) {
			const heldMs = before === null || current === null ? null : atMs - current.sinceMs;
			changes.push({ atMs, to: choice, from: before, heldMs });
			current = takeUp(choice, atMs);
		}
		const job = jobs.find(({ batch }) => batch === choice);
		if (job === undefined) throw new Error("The choice is none of the batches.");
		job.batch = { ...job.batch, lastWorkedAtMs: atMs + MINUTE_MS };
		job.minutesLeft--;
		if (job.minutesLeft === 0) jobs.splice(jobs.indexOf(job), 1);
	}
	return changes;
}

/** A batch that comes at a minute of the simulation. */
function job(id: string, minute: number, priority: "soon" | "standard", minutesLeft: number, modelName = "a"): Job {
	const cameMs = nowMs + minute * MINUTE_MS;
	const changes = { createdAtMs: cameMs, inProgressAtMs: cameMs, expiresAtMs: nowMs + 1_000 * HOUR_MS };
	return { batch: waiting(id, 0, { priority }, { ...changes, model: model(modelName) }), minutesLeft };
}

const minutesOfWork = fc.infiniteStream(fc.integer({ min: 1, max: 300 }));
const models = fc.infiniteStream(fc.constantFrom("a", "b"));
const take = <T>(stream: IterableIterator<T>): T => {
	const { value, done } = stream.next();
	if (done) throw new Error("The stream has ended.");
	return value;
};

describe("over a day", () => {
	test("with any stream of soon batches, each standard one gets turns of ten minutes within a bound", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 6 }), minutesOfWork, models, (most, work, names) => {
				const minutes = 24 * 60;
				let next = 0;
				const changes = simulate(minutes, [job("patient", 0, "standard", 10_000, "c")], (minute, open) =>
					Array.from({ length: most - (open - 1) }, () => job(`s${next++}`, minute, "soon", take(work), take(names))),
				);
				const boundMs = AGEING_MS + TURN_MS + (most + 1) * TURN_MS;
				const turns = changes.filter(({ to }) => to.id === "patient").map(({ atMs }) => atMs);
				const gaps = [...turns, nowMs + minutes * MINUTE_MS].map((atMs, n) => atMs - (turns[n - 1] ?? nowMs));
				expect(Math.max(...gaps)).toBeLessThanOrEqual(boundMs);
				for (const { from, heldMs } of changes) {
					if (from?.id === "patient") expect(heldMs).toBeGreaterThanOrEqual(LEAST_TURN_MS);
				}
			}),
			{ numRuns: 40 },
		);
	});

	test("a crowd of aged standard batches does not keep a soon one waiting for longer than their least turns", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 12 }), minutesOfWork, (crowd, work) => {
				const old = Array.from({ length: crowd }, (_, n) => job(`old${n}`, -600, "standard", 1_000 + take(work), "b"));
				const changes = simulate(24 * 60, [...old, job("urgent", 0, "soon", 10_000)], () => []);
				const turns = changes.filter(({ to }) => to.id === "urgent").map(({ atMs }) => atMs - nowMs);
				expect(turns[0]).toBeLessThanOrEqual(crowd * LEAST_TURN_MS);
			}),
			{ numRuns: 40 },
		);
	});

	test("equal batches all get their turn, and none is left for an equal one before ten minutes are over", () => {
		fc.assert(
			fc.property(fc.integer({ min: 2, max: 8 }), minutesOfWork, models, (crowd, work, names) => {
				let next = 0;
				const changes = simulate(16 * 60, [], (minute, open) =>
					Array.from({ length: minute % 17 === 0 ? crowd - open : 0 }, () => {
						const priority = next % 5 === 4 ? "soon" : "standard";
						return job(`b${next++}`, minute, priority, take(work), take(names));
					}),
				);
				for (const { from, to, heldMs } of changes) {
					const isHigher = to.manifest.priority === "soon" && from?.manifest.priority === "standard";
					if (heldMs !== null && !isHigher) expect(heldMs).toBeGreaterThanOrEqual(LEAST_TURN_MS);
				}
				const firstTurns = new Map<string, number>();
				for (const { to, atMs } of changes) {
					if (!firstTurns.has(to.id)) firstTurns.set(to.id, atMs - to.createdAtMs);
				}
				expect(Math.max(...firstTurns.values())).toBeLessThanOrEqual(AGEING_MS + (crowd + 1) * TURN_MS);
			}),
			{ numRuns: 40 },
		);
	});
});
