/** From the text of settings.json to settings, and from settings and a patch to the next. */
import { z } from "zod";
import { err, ok, type Result } from "../base/base.ts";
import { type SettingsPatch, type SettingsValues, settingsSchema } from "../contract/contract.ts";

/** What a settings file comes to. */
export interface ParsedSettings {
	/** Every setting, defaults included. */
	readonly values: SettingsValues;
	/** What the file says itself, names unknown to this version included: that is what is written back. */
	readonly chosen: ChosenSettings;
	/** Names in the file that are no settings, e.g. `endpoint.lanes`. */
	readonly unknownNames: readonly string[];
}

/** Groups of settings as they stand in the file. */
export type ChosenSettings = Readonly<Record<string, unknown>>;

const groupSchema = z.record(z.string(), z.unknown());

/** Settings of which none was chosen. */
export const noSettings: ParsedSettings = { values: settingsSchema.parse({}), chosen: {}, unknownNames: [] };

/** Reads the text of a settings file. The problem says what is wrong and where, in a sentence. */
export function parseSettings(text: string): Result<ParsedSettings, { readonly problem: string }> {
	let value: unknown;
	try {
		value = JSON.parse(text.replace(/^\uFEFF/, ""));
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return err({ problem: `It is not valid JSON: ${error.message}.` });
	}
	const chosen = groupSchema.safeParse(value);
	if (!chosen.success) return err({ problem: "It has to be a JSON object." });
	const checked = check(chosen.data);
	if (checked.ok) return checked;
	return err({ problem: checked.error.map(({ message, param }) => `${param}: ${message}`).join(" ") });
}

/** Puts a patch over what was chosen before and checks the whole. The first contradiction is answered. */
export function mergePatch(chosen: ChosenSettings, patch: SettingsPatch): Result<ParsedSettings, SettingIssue> {
	const merged: Record<string, unknown> = { ...chosen };
	for (const [group, changes] of Object.entries(patch)) {
		const before = groupSchema.safeParse(chosen[group]);
		merged[group] = { ...(before.success ? before.data : {}), ...changes };
	}
	const checked = check(merged);
	if (checked.ok) return checked;
	const [first] = checked.error;
	return err(first ?? { message: "The settings contradict each other.", param: "" });
}

/** What is wrong with one setting. */
export interface SettingIssue {
	readonly message: string;
	/** e.g. `endpoint.interactiveLanes`. */
	readonly param: string;
}

function check(chosen: ChosenSettings): Result<ParsedSettings, readonly SettingIssue[]> {
	const parsed = settingsSchema.safeParse(chosen);
	if (parsed.success) return ok({ values: parsed.data, chosen, unknownNames: unknownNames(chosen) });
	return err(
		parsed.error.issues.map((issue) => ({
			message: /[.!?]$/.test(issue.message) ? issue.message : `${issue.message}.`,
			param: z.core.toDotPath(issue.path),
		})),
	);
}

function unknownNames(chosen: ChosenSettings): readonly string[] {
	const known = new Map<string, object>(Object.entries(noSettings.values));
	return Object.entries(chosen).flatMap(([group, settings]) => {
		const knownSettings = known.get(group);
		if (knownSettings === undefined) return [group];
		const names = Object.keys(groupSchema.safeParse(settings).data ?? {});
		return names.filter((name) => !Object.hasOwn(knownSettings, name)).map((name) => `${group}.${name}`);
	});
}
