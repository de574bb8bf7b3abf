import fc from "fast-check";
import { expect, test } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { openFormat } from "../jobs/formats/formats.ts";
import type { BatchRecord, BrowsedLine } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open.ts";
import { testFolder } from "../settings/testing.ts";
import { createLineSearch, type LinesView } from "./batch-line-view.ts";
import { answerTo, makeBatch } from "./batch-testing.ts";

/** A batch of chat lines out of a real ledger. */
async function someBatch(): Promise<BatchRecord> {
	using folder = testFolder();
	const opened = await openLedger({ dataDir: folder.path("ledger"), clock: systemClock, log: silentLog });
	if (!opened.ok) throw new Error(opened.error.message);
	const batch = await makeBatch(opened.value);
	await opened.value.close();
	return batch;
}

async function viewOf(): Promise<LinesView> {
	const batch = await someBatch();
	const format = openFormat(batch.manifest, new Uint8Array());
	if (!format.ok) throw new Error(format.error.message);
	return { batch, format: format.value, skipped: null };
}

/** JSON as one program or another writes it: plain, or with characters by their number. */
function written(value: object, escapes: RegExp | null): string {
	const text = JSON.stringify(value);
	if (escapes === null) return text;
	return text.replace(escapes, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const letters = fc.string({
	unit: fc.constantFrom("a", "B", "ü", "é", " ", '"', "\\", "/", "\n", "<", "\u{1F600}"),
	maxLength: 12,
});
const needles = fc.string({
	unit: fc.constantFrom("A", "b", "Ü", "é", " ", '"', "\\", "/", "\n", "<"),
	minLength: 1,
	maxLength: 3,
});
const escapings = fc.constantFrom(null, /[^\0-\x7F]/g, /[<aé]/g);

test("a search finds what a look at the texts finds, however they are written", async () => {
	const view = await viewOf();
	fc.assert(
		fc.property(letters, letters, letters, needles, escapings, (customId, asked, answered, needle, escapes) => {
			const request = {
				custom_id: "x",
				url: "/v1/chat/completions",
				body: { messages: [{ role: "user", content: asked }] },
			};
			const { isError, provenance } = answerTo(0);
			const payload = written(JSON.parse(answerTo(0, false, answered).payload), escapes);
			const line: BrowsedLine = {
				line: 0,
				customId,
				key: new Uint8Array(16),
				bytes: Buffer.from(written(request, escapes)),
				result: { isError, payload, provenance },
			};
			const isThere = [customId, asked, answered].some((text) => text.toLowerCase().includes(needle.toLowerCase()));
			expect(createLineSearch(needle, view)(line)).toBe(isThere);
		}),
		{ numRuns: 2_000 },
	);
});
