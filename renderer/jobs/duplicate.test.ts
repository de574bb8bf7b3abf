import { expect, test } from "vitest";
import { batchDraftSchema, batchOptionsSchema, defaultBatchOptions } from "../../native/contract/contract.ts";
import { draftOf, faultsOf, formOf, isWindow } from "./duplicate.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600;
const nowSeconds = NOW_MS / 1_000;
const batch = {
	options: batchOptionsSchema.parse({
		format: "openai",
		model: "demo",
		priority: "soon",
		not_before: nowSeconds + HOUR,
		effective_until: nowSeconds + 2 * HOUR,
		policy: { line_tokens: 100, runaway_factor: 2.5, give_up_percent: null },
		reuse_answers: false,
	}),
	completion_window: "12h",
	input_file_id: "file-1",
	metadata: { team: "support" },
};

test("a form that nobody changed makes the job as it was made", () => {
	const draft = draftOf(formOf(batch, NOW_MS), batch, NOW_MS);
	expect(draft).toEqual({
		...batch.options,
		input_file_id: "file-1",
		endpoint: null,
		completion_window: "12h",
		metadata: { team: "support" },
	});
	expect(batchDraftSchema.safeParse(draft).success).toBe(true);
});

test("moments that are past are not said again", () => {
	const later = NOW_MS + 24 * HOUR * 1_000;
	const draft = draftOf(formOf(batch, later), batch, later);
	expect(draft).toMatchObject({ not_before: null, effective_until: null });
});

test("what was changed is in the draft, an emptied limit is none", () => {
	const form = formOf(batch, NOW_MS);
	const changed = {
		...form,
		model: "",
		priority: "standard" as const,
		completionWindow: " 3d ",
		notBefore: "",
		policy: { ...form.policy, line_tokens: "", batch_seconds: "60" },
	};
	expect(draftOf(changed, batch, NOW_MS)).toMatchObject({
		model: null,
		priority: "standard",
		completion_window: "3d",
		not_before: null,
		policy: { line_tokens: null, batch_seconds: 60, runaway_factor: 2.5 },
	});
});

test("a table brings its prompt, which can't be left out", () => {
	const template = { prompt: "Sort {{text}}", system: null, max_tokens: 5, temperature: 0 };
	const table = { ...batch, options: { ...defaultBatchOptions, format: "csv" as const, template } };
	const form = formOf(table, NOW_MS);
	expect(draftOf({ ...form, prompt: "Name {{text}}", system: "Short." }, table, NOW_MS).template).toEqual({
		prompt: "Name {{text}}",
		system: "Short.",
		max_tokens: 5,
		temperature: 0,
	});
	expect(faultsOf({ ...form, prompt: " " }).get("prompt")).toBe("needed");
});

test("faults are seen before anything is sent", () => {
	const form = formOf(batch, NOW_MS);
	expect([...faultsOf(form)]).toEqual([]);
	const policy = { ...form.policy, line_tokens: "0", batch_tokens: "1.5", runaway_factor: "1", most_crashes: "" };
	expect(Object.fromEntries(faultsOf({ ...form, completionWindow: "soon", policy }))).toEqual({
		completionWindow: "not-a-window",
		line_tokens: "not-a-number",
		batch_tokens: "not-a-number",
		runaway_factor: "not-a-factor",
		most_crashes: "needed",
	});
	expect(faultsOf({ ...form, policy: { ...form.policy, retry_backoff_ms: "0" } }).size).toBe(0);
});

test("a window is a whole number and a unit", () => {
	for (const text of ["90m", "24h", " 3d "]) expect(isWindow(text)).toBe(true);
	for (const text of ["", "24", "0h", "1.5h", "24 h", "h"]) expect(isWindow(text)).toBe(false);
});
