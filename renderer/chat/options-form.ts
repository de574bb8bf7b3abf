/** What is written in the options of a conversation, and what it means. Pure. */
import type { ThreadOptions } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";

/** The fields as written. */
export interface OptionsForm {
	readonly system: string;
	readonly temperature: string;
	readonly topP: string;
	readonly maxTokens: string;
}

/** A field. */
export type OptionsField = keyof OptionsForm;

/** Longest system prompt, as the service has it. */
const MOST_SYSTEM_LENGTH = 100_000;

/** The fields of what was chosen. */
export function formOf({ system, temperature, top_p, max_tokens }: ThreadOptions): OptionsForm {
	return { system, temperature: written(temperature), topP: written(top_p), maxTokens: written(max_tokens) };
}

/** What is wrong with a field; null: nothing. */
export function faultOf(form: OptionsForm, field: OptionsField): string | null {
	const { faults } = words.chat.options;
	switch (field) {
		case "system":
			return form.system.length <= MOST_SYSTEM_LENGTH ? null : faults.system;
		case "temperature":
			return isNumber(form.temperature, (value) => value >= 0 && value <= 2) ? null : faults.temperature;
		case "topP":
			return isNumber(form.topP, (value) => value > 0 && value <= 1) ? null : faults.topP;
		case "maxTokens":
			return isNumber(form.maxTokens, (value) => Number.isSafeInteger(value) && value >= 1) ? null : faults.maxTokens;
		default:
			return field satisfies never;
	}
}

/** What the fields mean; a field with a fault stays as it was. */
export function optionsOf(form: OptionsForm, before: ThreadOptions): ThreadOptions {
	const isGood = (field: OptionsField): boolean => faultOf(form, field) === null;
	return {
		model: before.model,
		system: isGood("system") ? form.system : before.system,
		temperature: isGood("temperature") ? numberIn(form.temperature) : before.temperature,
		top_p: isGood("topP") ? numberIn(form.topP) : before.top_p,
		max_tokens: isGood("maxTokens") ? numberIn(form.maxTokens) : before.max_tokens,
	};
}

/** Whether anything but the model is other than usual. */
export function isSpecial({ system, temperature, top_p, max_tokens }: ThreadOptions): boolean {
	return system !== "" || temperature !== null || top_p !== null || max_tokens !== null;
}

function written(value: number | null): string {
	return value === null ? "" : String(value);
}

/** Both decimal signs are understood. */
function numberIn(text: string): number | null {
	return text.trim() === "" ? null : Number(text.trim().replace(",", "."));
}

function isNumber(text: string, isAllowed: (value: number) => boolean): boolean {
	const value = numberIn(text);
	return value === null || (Number.isFinite(value) && isAllowed(value));
}
