import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BatchDetails, Rehearsal } from "../../native/contract/contract.ts";
import { usualOptions } from "./options.ts";
import { applyDrop, type CardPhase, type DropEvent, type DropState, draftOf, emptyPanel, MOST_CARDS } from "./store.ts";
import { batch, newFile, rehearsal } from "./testing.ts";

function panelAfter(...events: readonly DropEvent[]): DropState {
	return events.reduce(applyDrop, emptyPanel);
}

function taken(...keys: readonly string[]): DropEvent {
	return { kind: "taken", files: keys.map(newFile), leftOut: [] };
}

function told(...batches: readonly BatchDetails[]): DropEvent {
	return { kind: "batches", byId: new Map(batches.map((one) => [one.id, one])), gone: new Set() };
}

function draft(batchId: string, shown: Rehearsal | null = null): CardPhase {
	return { kind: "draft", fileId: "file-1", batchId, made: usualOptions, rehearsal: shown, isBusy: false, error: null };
}

const keysOf = (state: DropState) => state.cards.map(({ key }) => key);

describe("files that are dropped", () => {
	it("wait in the order they came, and the first of the new ones gets the focus", () => {
		const state = panelAfter(taken("a", "b"), { kind: "focused" }, taken("c", "d"));
		expect(keysOf(state)).toEqual(["a", "b", "c", "d"]);
		expect(state.focusKey).toBe("c");
		expect(state.cards.every(({ phase }) => phase.kind === "waiting")).toBe(true);
	});

	it("are left out where there are too many, and that is said", () => {
		const many = Array.from({ length: MOST_CARDS + 3 }, (_, number) => `f${number}`);
		const state = panelAfter(taken(...many));
		expect(state.cards).toHaveLength(MOST_CARDS);
		expect(state.leftOut).toEqual([{ count: 3, why: "too-many" }]);
		expect(applyDrop(state, { kind: "told" }).leftOut).toEqual([]);
	});

	it("never come back by what happens to them after they are gone", () => {
		const state = panelAfter(taken("a"), { kind: "removed", key: "a" });
		expect(applyDrop(state, { kind: "moved", key: "a", phase: { kind: "waiting" } }).cards).toEqual([]);
		expect(applyDrop(state, { kind: "chosen", key: "a", options: usualOptions }).cards).toEqual([]);
	});
});

describe("drafts that the service knows", () => {
	it("are shown after a reload with what was chosen for them, the oldest first", () => {
		const options = { ...batch("x").options, model: "demo", priority: "soon" as const };
		const state = panelAfter(told(batch("new", { created_at: 20 }), batch("old", { created_at: 10, options })));
		expect(keysOf(state)).toEqual(["old", "new"]);
		expect(state.cards[0]?.options).toMatchObject({ model: "demo", isSoon: true });
		expect(state.cards[0]?.source).toEqual({ kind: "service" });
		expect(state.focusKey).toBeNull();
	});

	it("are not taken twice: neither one that is shown, nor one whose rehearsal was asked for a moment ago", () => {
		const shown = panelAfter(taken("a"), { kind: "moved", key: "a", phase: draft("b1") }, told(batch("b1")));
		expect(keysOf(shown)).toEqual(["a"]);
		const starting: CardPhase = { kind: "starting", fileId: "file-1" };
		const early = panelAfter(taken("a"), { kind: "moved", key: "a", phase: starting }, told(batch("b1")));
		expect(keysOf(early)).toEqual(["a"]);
	});

	it("are not taken while they are being discarded, nor when they are no drafts any more", () => {
		const state = panelAfter(
			{ kind: "leaving", batchId: "b1" },
			told(batch("b1"), batch("b2", { is_rehearsal: false })),
		);
		expect(state.cards).toEqual([]);
		expect(panelAfter(told(batch("b3", { status: "cancelling" }), batch("b4", { status: "cancelled" }))).cards).toEqual(
			[],
		);
	});

	it("go when they were queued, cancelled or deleted elsewhere, but stay where the service has not spoken of them yet", () => {
		const state = panelAfter(taken("a"), { kind: "moved", key: "a", phase: draft("b1") });
		expect(keysOf(applyDrop(state, told()))).toEqual(["a"]);
		expect(applyDrop(state, told(batch("b1", { is_rehearsal: false }))).cards).toEqual([]);
		expect(applyDrop(state, told(batch("b1", { status: "cancelled" }))).cards).toEqual([]);
		expect(applyDrop(state, { kind: "batches", byId: new Map(), gone: new Set(["b1"]) }).cards).toEqual([]);
	});

	it("stay with their faults when validation has refused them", () => {
		const state = panelAfter(
			taken("a"),
			{ kind: "moved", key: "a", phase: draft("b1") },
			told(batch("b1", { status: "failed" })),
		);
		expect(keysOf(state)).toEqual(["a"]);
	});
});

describe("a rehearsal", () => {
	it("never goes back when answers come in the wrong order", () => {
		const start = panelAfter(taken("a"), { kind: "moved", key: "a", phase: draft("b1") });
		const answers = fc.shuffledSubarray([
			rehearsal("b1", { lineCount: 0 }),
			rehearsal("b1", { lineCount: 1 }),
			rehearsal("b1", { lineCount: 3 }),
			rehearsal("b1", { lineCount: 3, isFinished: true }),
		]);
		fc.assert(
			fc.property(answers, (order) => {
				const shown: number[] = [];
				let isOver = false;
				order.reduce((state, one) => {
					const next = applyDrop(state, { kind: "rehearsed", rehearsal: one });
					const now = next.cards.map(draftOf)[0]?.rehearsal;
					if (isOver) expect(now?.is_finished).toBe(true);
					isOver = now?.is_finished === true;
					shown.push(now?.lines.length ?? 0);
					return next;
				}, start);
				expect(shown).toEqual(shown.toSorted((one, other) => one - other));
			}),
		);
	});

	it("of a batch that is not shown changes nothing", () => {
		const state = panelAfter(taken("a"));
		expect(applyDrop(state, { kind: "rehearsed", rehearsal: rehearsal("b9", { lineCount: 1 }) })).toBe(state);
	});
});
