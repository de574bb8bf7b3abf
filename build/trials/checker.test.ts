import { describe, expect, test } from "vitest";
import { checkHistory, type Violation } from "./checker.ts";
import type { Happening, History, SeenBatch, TrialEvent } from "./history.ts";

/** A small trial in which everything was right: two machines, one batch of two lines, one machine killed. */
const customIds = ["1-0", "1-1"];
const answers = customIds.map((customId) => ({ customId, text: "billing" }));
const working: SeenBatch = {
	status: "in_progress",
	total: 2,
	completed: 1,
	failed: 0,
	outputFileId: null,
	errorFileId: null,
};
const completed: SeenBatch = { ...working, status: "completed", completed: 2, outputFileId: "file-1" };
const batchId = "batch_1";
const segments = [
	{ batchId, origin: "origin-a", atMs: 2_000, lines: [[0, 1]] as [number, number][], errors: [] },
	{ batchId, origin: "origin-b", atMs: 3_000, lines: [[1, 1]] as [number, number][], errors: [] },
];

const good: readonly TrialEvent[] = [
	{ atMs: 0, kind: "run", seed: 1, machines: ["a", "b"], lines: 2 },
	{ atMs: 1, kind: "alone", request: 1, answers, labels: ["billing", "billing"] },
	{ atMs: 1_000, kind: "create", request: 1, machine: "a", customIds },
	{ atMs: 1_100, kind: "created", request: 1, machine: "a", http: 200, batchId, level: 2 },
	{ atMs: 1_200, kind: "phase", phase: "faults" },
	polled(1_300, "a", working),
	{ atMs: 2_100, kind: "fault", id: 1, fault: "kill-host", machines: ["a"] },
	{ atMs: 2_100, kind: "ended", machine: "a", isOurs: true, how: "killed" },
	{ atMs: 2_200, kind: "polled", machine: "a", batchId, http: null, batch: null },
	{ atMs: 2_900, kind: "mended", id: 1 },
	{ atMs: 3_000, kind: "phase", phase: "healed" },
	polled(3_100, "b", completed),
	fetched(3_200, "b", "digest-1"),
	{ atMs: 3_200, kind: "content", digest: "digest-1", answers },
	{ atMs: 4_000, kind: "phase", phase: "final" },
	mesh("a", "b"),
	mesh("b", "b"),
	polled(4_100, "a", completed),
	polled(4_100, "b", completed),
	fetched(4_200, "a", "digest-1"),
	fetched(4_200, "b", "digest-1"),
	{ atMs: 5_000, kind: "ledger", machine: "a", origin: "origin-a", problems: [], segments },
	{ atMs: 5_000, kind: "ledger", machine: "b", origin: "origin-b", problems: [], segments },
	starts("a", [[0, 1_500]]),
	starts("b", [[1, 2_500]]),
];

function polled(atMs: number, machine: string, batch: SeenBatch, http = 200): TrialEvent {
	return { atMs, kind: "polled", machine, batchId, http, batch };
}

function fetched(atMs: number, machine: string, digest: string | null, http: number | null = 200): TrialEvent {
	return { atMs, kind: "fetched", machine, batchId, fileId: "file-1", http, digest };
}

function mesh(machine: string, host: string | null, change: { online?: number; trouble?: string; term?: number } = {}) {
	const { online = 2, trouble = null, term = 2 } = change;
	return { atMs: 4_050, kind: "mesh", machine, host, term, online, trouble } satisfies TrialEvent;
}

function starts(machine: string, of: [number, number][]): TrialEvent {
	return { atMs: 5_100, kind: "line-starts", machine, batchId, starts: of };
}

/** The good history without what fits, and with other events in the place where they belong by their time. */
function changed(isWrong: (event: TrialEvent) => boolean, ...instead: readonly TrialEvent[]): History {
	const kept = good.filter((event) => !isWrong(event));
	return [...kept, ...instead].toSorted((left, right) => left.atMs - right.atMs);
}

function broken(history: History): readonly Violation["promise"][] {
	return [...new Set(checkHistory(history).violations.map(({ promise }) => promise))];
}

const none = (): boolean => false;
const isKind =
	(kind: Happening["kind"], machine?: string, fromMs = 0) =>
	(event: TrialEvent): boolean =>
		event.kind === kind &&
		event.atMs >= fromMs &&
		(machine === undefined || ("machine" in event && event.machine === machine));

test("a history in which all is right breaks no promise, and its figures are counted", () => {
	const { violations, figures } = checkHistory(good);
	expect(violations).toEqual([]);
	expect(figures).toMatchObject({ machines: 2, batches: 1, level2: 1, unanswered: 0, lines: 2, starts: 2 });
	expect(figures).toMatchObject({
		startedAgain: 0,
		doubled: 0,
		right: 1,
		rightAlone: 1,
		linesByMachine: { a: 1, b: 1 },
	});
	expect(figures.faults).toMatchObject({ "kill-host": 1, cut: 0 });
});

describe("batches", () => {
	test("an acknowledged batch that is not on a machine in the end was lost", () => {
		const missing: TrialEvent = { atMs: 4_100, kind: "polled", machine: "b", batchId, http: null, batch: null };
		expect(broken(changed(isKind("polled", "b", 4_000), missing))).toEqual(["kept"]);
		expect(broken(changed(isKind("polled", "b", 4_000)))).toEqual(["kept"]);
	});

	test("a batch that a machine acknowledged or showed and then knows nothing of was forgotten", () => {
		const forgotten = (machine: string, atMs: number): TrialEvent => ({
			...{ atMs, kind: "polled", machine, batchId, http: 404, batch: null },
		});
		expect(broken(changed(none, forgotten("a", 1_150)))).toEqual(["kept"]);
		expect(broken(changed(none, forgotten("b", 3_150)))).toEqual(["kept"]);
		expect(broken(changed(none, forgotten("b", 1_400)))).toEqual([]);
	});

	test("a status or a count that goes back on a machine is noticed, also over a restart", () => {
		expect(broken(changed(none, polled(1_400, "a", { ...working, status: "validating" })))).toEqual(["forward"]);
		expect(broken(changed(none, polled(2_950, "a", { ...working, completed: 0 })))).toEqual(["forward"]);
		expect(broken(changed(none, polled(3_300, "b", { ...completed, status: "failed" })))).toEqual(["forward"]);
	});

	test("a batch that is not completed with all its lines in the end is noticed", () => {
		const isFinal = isKind("polled", "b", 4_000);
		const stuck = { ...completed, status: "finalizing" } as const;
		expect(broken(changed(isKind("polled", "b", 3_000), polled(4_100, "b", stuck)))).toContain("agreed");
		expect(broken(changed(isFinal, polled(4_100, "b", { ...completed, failed: 1 })))).toEqual(["agreed"]);
		expect(broken(changed(isFinal, polled(4_100, "b", { ...completed, completed: 3, total: 3 })))).toEqual(["agreed"]);
	});

	test("machines that name other outputs in the end do not agree", () => {
		const other = polled(4_100, "b", { ...completed, outputFileId: "file-2" });
		expect(broken(changed(isKind("polled", "b", 4_000), other))).toContain("agreed");
	});
});

describe("outputs", () => {
	const contents = (...of: readonly { customId: string; text: string | null }[]): History =>
		changed(isKind("content"), { atMs: 3_200, kind: "content", digest: "digest-1", answers: [...of] });
	const [first, second] = [answers[0] ?? expect.fail(), answers[1] ?? expect.fail()];

	test("a line that is missing, there twice, of another batch, out of order or no answer is noticed", () => {
		expect(broken(contents(first))).toContain("whole");
		expect(broken(contents(first, second, second))).toEqual(["whole"]);
		expect(broken(contents(first, second, { customId: "2-0", text: "bug" }))).toEqual(["whole"]);
		expect(broken(contents(second, first))).toEqual(["whole"]);
		expect(broken(contents(first, { ...second, text: null }))).toContain("whole");
	});

	test("a file whose bytes change, or differ between machines, is noticed", () => {
		const other: TrialEvent = { atMs: 4_200, kind: "content", digest: "digest-2", answers };
		expect(broken(changed(isKind("fetched", "a"), fetched(4_200, "a", "digest-2"), other))).toEqual(["same-bytes"]);
	});

	test("a file that was shown and is not to be had is noticed; no answer at all is not, while things are broken", () => {
		expect(broken(changed(none, fetched(3_500, "b", null, 404)))).toEqual(["same-bytes"]);
		expect(broken(changed(none, fetched(3_500, "b", null, null)))).toEqual([]);
		expect(broken(changed(none, fetched(3_500, "a", null, 404)))).toEqual([]);
		expect(broken(changed(isKind("fetched", "a"), fetched(4_200, "a", null, 404)))).toContain("same-bytes");
		expect(broken(changed(isKind("fetched", "a")))).toEqual(["same-bytes"]);
	});

	test("an output that was shown once and is replaced must stay everywhere too", () => {
		const earlier = polled(3_050, "b", { ...completed, outputFileId: "file-0" });
		expect(broken(changed(none, earlier))).toEqual(["same-bytes"]);
		expect(checkHistory(changed(none, earlier)).figures.twoOutputs).toBe(1);
	});

	test("answers that are right less often than those of one machine are noticed", () => {
		const { violations, figures } = checkHistory(contents(first, { ...second, text: "bug" }));
		expect(violations.map(({ promise }) => promise)).toEqual(["right"]);
		expect(figures).toMatchObject({ right: 0.5, rightAlone: 1, otherAnswers: 1 });
	});
});

describe("work", () => {
	const calm = changed(({ kind }) => kind === "fault" || kind === "mended");
	const plus = (history: History, ...more: readonly TrialEvent[]): History => [...history, ...more];

	test("a machine that begins a line whose result it recorded itself is noticed, whatever broke", () => {
		expect(broken(plus(good, starts("a", [[0, 2_950]])))).toEqual(["once"]);
		expect(broken(plus(good, starts("a", [[1, 2_950]])))).toEqual([]);
	});

	test("a line begun by another machine long after its result was recorded is noticed, unless something was between them", () => {
		expect(broken(plus(calm, starts("b", [[0, 13_000]])))).toEqual(["once"]);
		expect(broken(plus(good, starts("b", [[0, 13_000]])))).toEqual([]);
		expect(broken(plus(good, starts("b", [[0, 60_000]])))).toEqual([]);
		const cutElsewhere: TrialEvent = { atMs: 2_100, kind: "fault", id: 9, fault: "cut", machines: ["a", "c"] };
		expect(broken(plus(calm, cutElsewhere, starts("b", [[0, 13_000]])))).toEqual(["once"]);
		const cutBetween: TrialEvent = { ...cutElsewhere, machines: ["a", "b"] };
		expect(broken(plus(calm, cutBetween, starts("b", [[0, 13_000]])))).toEqual([]);
	});

	test("lines begun again for no reason are noticed unless they are the last few of their batch", () => {
		const many = (events: History): History =>
			events.map((event) =>
				event.kind === "ledger"
					? { ...event, segments: [{ batchId, origin: "origin-a", atMs: 9_000, lines: [[0, 100]], errors: [] }] }
					: event,
			);
		expect(broken(many(plus(calm, starts("b", [[0, 2_000]]))))).toEqual(["once"]);
		expect(broken(many(plus(good, starts("b", [[0, 2_500]]))))).toEqual([]);
		const late = checkHistory(plus(calm, starts("b", [[0, 1_999]])));
		expect(late.figures).toMatchObject({ withoutFault: 1, startedAgain: 1 });
	});

	test("results of two machines for a line, and starts after a result, are counted", () => {
		const twice = { batchId, origin: "origin-b", atMs: 2_500, lines: [[0, 1]] as [number, number][], errors: [] };
		const both = good.map((event) => (event.kind === "ledger" ? { ...event, segments: [...segments, twice] } : event));
		expect(checkHistory(plus(both, starts("b", [[0, 2_300]]))).figures).toMatchObject({
			...{ doubled: 1, startedAgain: 1, afterResult: 1, starts: 3 },
		});
	});
});

describe("machines", () => {
	test("a service that ends by itself, a machine in trouble and a ledger that is not whole are noticed", () => {
		const ended: TrialEvent = { atMs: 3_050, kind: "ended", machine: "b", isOurs: false, how: "1: TypeError" };
		expect(broken(changed(none, ended))).toEqual(["alive"]);
		expect(broken(changed(isKind("mesh", "b"), mesh("b", "b", { trouble: "No port." })))).toEqual(["alive"]);
		const ledger: TrialEvent = {
			atMs: 5_000,
			kind: "ledger",
			machine: "b",
			origin: "origin-b",
			problems: ["hash: wrong"],
			segments,
		};
		expect(broken(changed(isKind("ledger", "b"), ledger))).toEqual(["ledger"]);
	});

	test("machines that do not see each other, or not the same host, in the end are noticed", () => {
		for (const wrong of [mesh("b", null), mesh("b", "a"), mesh("b", "b", { term: 3 }), mesh("b", "b", { online: 1 })]) {
			expect(broken(changed(isKind("mesh", "b"), wrong))).toEqual(["agreed"]);
		}
	});

	test("a history that does not come to the end of its trial proves nothing", () => {
		expect(broken(good.slice(0, -5))).toContain("ended");
		expect(broken([])).toContain("ended");
	});
});
