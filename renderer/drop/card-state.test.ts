import { describe, expect, it } from "vitest";
import { cardState } from "./card-state.ts";
import { usualOptions } from "./options.ts";
import type { CardPhase, FileCard } from "./store.ts";
import { batch, newFile, rehearsal } from "./testing.ts";

function card(phase: CardPhase, different: Partial<FileCard> = {}): FileCard {
	return { ...newFile("a"), options: usualOptions, table: null, phase, ...different };
}

function draft(shown: ReturnType<typeof rehearsal> | null): CardPhase {
	return { kind: "draft", fileId: "f", batchId: "b", made: usualOptions, rehearsal: shown, isBusy: false, error: null };
}

describe("how a file stands", () => {
	it("is told with how much of it is sent, an empty file included", () => {
		expect(cardState(card({ kind: "sending", sentBytes: 4 })).label).toMatch(/^Sending, 40\s?%$/);
		expect(cardState(card({ kind: "sending", sentBytes: 0 }, { sizeBytes: 0 })).label).toMatch(/^Sending, 0\s?%$/);
		expect(cardState(card({ kind: "sending", sentBytes: null })).label).toBe("Copying");
	});

	it("says the same aloud for as long as it stays the same, so that progress is not read out at every step", () => {
		const some = [1, 5, 9].map((sentBytes) => cardState(card({ kind: "sending", sentBytes })).said);
		expect(new Set(some).size).toBe(1);
		const lines = [0, 1, 2].map((lineCount) => cardState(card(draft(rehearsal("b", { lineCount })))).said);
		expect(new Set(lines).size).toBe(1);
	});

	it("tells a table that needs a prompt from choices that were refused", () => {
		const table = { columns: ["text"], firstRow: null };
		const stored: CardPhase = { kind: "stored", fileId: "f", error: null };
		expect(cardState(card(stored, { table })).label).toBe("Needs a prompt");
		expect(cardState(card(stored)).label).toBe("Needs a change");
	});

	it("is good, faulty or worth a look once it is rehearsed", () => {
		const over = rehearsal("b", { lineCount: 2, isFinished: true });
		expect(cardState(card(draft(over))).tone).toBe("good");
		const lines = over.lines.map((line) => ({ ...line, is_error: true }));
		expect(cardState(card(draft({ ...over, lines }))).tone).toBe("warn");
		const refused = { ...over, batch: batch("b", { status: "failed", in_progress_at: null }) };
		expect(cardState(card(draft(refused))).label).toBe("Has faults");
		const broken = { ...over, batch: batch("b", { status: "failed" }) };
		expect(cardState(card(draft(broken))).label).toBe("Could not run");
	});
});
