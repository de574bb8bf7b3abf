import { describe, expect, it } from "vitest";
import { rehearsalDraftSchema } from "../../native/contract/contract.ts";
import { type OptionsForm, optionsOf, readOptions, usualOptions } from "./options.ts";
import { batch } from "./testing.ts";

const place = { fileId: "file-1", isTable: false, nowMs: Date.parse("2026-11-21T12:00:00Z") };

function faultsOf(form: Partial<OptionsForm>, isTable = false) {
	const reading = readOptions({ ...usualOptions, ...form }, { ...place, isTable });
	return reading.ok ? {} : reading.faults;
}

describe("the choices of a file", () => {
	it("are the service's own defaults where nothing was chosen", () => {
		const reading = readOptions(usualOptions, place);
		expect(reading.ok && reading.draft).toEqual(rehearsalDraftSchema.parse({ input_file_id: "file-1" }));
	});

	it("come to what the service takes", () => {
		const form: OptionsForm = {
			...usualOptions,
			model: "demo",
			isSoon: true,
			reusesAnswers: false,
			notBefore: "2027-01-01T23:00",
			giveUpPercent: "",
			batchMinutes: "90",
			template: { prompt: "Sum up {{text}}", system: " ", mostTokens: "20" },
		};
		const reading = readOptions(form, { ...place, isTable: true });
		expect(reading.ok && rehearsalDraftSchema.parse(reading.draft)).toMatchObject({
			model: "demo",
			priority: "soon",
			reuse_answers: false,
			not_before: new Date("2027-01-01T23:00").getTime() / 1_000,
			policy: { give_up_percent: null, batch_seconds: 5_400 },
			template: { prompt: "Sum up {{text}}", system: null, max_tokens: 20 },
		});
	});

	it("are read back from a batch as they were made", () => {
		const form: OptionsForm = {
			...usualOptions,
			model: "demo",
			isSoon: true,
			window: "3d",
			lineTokens: "40",
			notBefore: "2027-01-01T23:00",
		};
		const reading = readOptions(form, place);
		if (!reading.ok) throw new Error("These choices are good.");
		const {
			input_file_id: _,
			endpoint: __,
			completion_window: window,
			metadata: ___,
			rehearsal: ____,
			...options
		} = reading.draft;
		expect(optionsOf(batch("b1", { options, completion_window: window }))).toEqual(form);
	});

	it("are refused one by one where the service would refuse them", () => {
		expect(faultsOf({ rehearsedLines: "0", mostCrashes: "x", giveUpPercent: "101" })).toEqual({
			rehearsedLines: "number",
			mostCrashes: "number",
			giveUpPercent: "number",
		});
		expect(faultsOf({ window: "soon", notBefore: "2020-01-01T00:00" })).toEqual({
			window: "window",
			notBefore: "past",
		});
	});

	it("of a table need a prompt that names a column", () => {
		const template = { prompt: "", system: "", mostTokens: "" };
		expect(faultsOf({ template }, true)).toEqual({ prompt: "no-prompt" });
		expect(faultsOf({ template: { ...template, prompt: "Sum up" } }, true)).toEqual({ prompt: "no-column" });
		expect(faultsOf({ template: { ...template, prompt: "{{text}}", mostTokens: "many" } }, true)).toEqual({
			mostTokens: "number",
		});
		expect(faultsOf({ template })).toEqual({});
	});
});
