/** Which model answers for a name: rules over the models here and what the owner chose. Pure. */
import type { SettingsValues } from "../contract/contract.ts";

/** What a model is wanted for, where no name says which. */
export type ModelUse = "chat" | "batch" | "embedding";

/** What the owner chose about names: the settings `models.map`, `models.default`, and those that come before the default. */
export type ModelNames = Pick<SettingsValues["models"], "default" | "map"> &
	Partial<Pick<SettingsValues["models"], ModelUse>>;

/** No choice at all: every model answers for its own name only. */
export const noModelNames: ModelNames = { default: null, map: {} };

/** Longest name that is repeated in a message: file names end at 255 characters. */
const QUOTE_LENGTH = 255;

/** The owner's choices with the default that counts for a use: its own, else the common one. */
export function namesFor(use: ModelUse | null, names: ModelNames): ModelNames & { readonly setting: string } {
	const own = use === null ? null : (names[use] ?? null);
	return own === null ? { ...names, setting: "models.default" } : { ...names, default: own, setting: `models.${use}` };
}

/** What `Models.resolve` says, over the models `listed`. Names are only ever compared, so that none is taken for a path. */
export function lookUp<Model extends { readonly name: string }>(
	name: string | null,
	listed: readonly Model[],
	names: ModelNames,
): Model | null {
	const here = (wanted: string | null) => (wanted === null ? null : findNamed(wanted, listed));
	const mapped = mappedTo(name, names);
	return here(name) ?? (mapped === null ? here(names.default) : here(mapped));
}

/** Why `lookUp` found nothing. `here` are the names of the models on this machine. */
export function notFoundMessage(
	name: string | null,
	here: readonly string[],
	names: ModelNames & { readonly setting?: string },
): string {
	const known = listNames(here);
	const badMap = name === null ? null : badMapMessage(name, here, names);
	if (badMap !== null) return badMap;
	const missing = name === null ? "The request names no model" : `There is no model '${shorten(name)}'`;
	if (names.default !== null) {
		return `${missing}, and '${shorten(names.default)}', the setting ${names.setting ?? "models.default"}, is not here either. ${known} Change the setting, or put that model into the models folder.`;
	}
	const forOne = name === null ? "" : "for this name with the setting models.map, or ";
	const mend = `Name one of them, or let one answer ${forOne}for all other names with models.default.`;
	return `${missing}. ${known} ${here.length === 0 ? "Put a GGUF file into the models folder." : mend}`;
}

/** Why there is no model for a name that somebody chose themselves: nothing stands in for that. */
export function notChosenMessage(name: string, here: readonly string[], names: ModelNames): string {
	const mend = here.length === 0 ? "Put a GGUF file into the models folder." : "Name one of them.";
	return badMapMessage(name, here, names) ?? `There is no model '${shorten(name)}'. ${listNames(here)} ${mend}`;
}

/** Null: the map says nothing of the name. */
function badMapMessage(name: string, here: readonly string[], names: ModelNames): string | null {
	const mapped = mappedTo(name, names);
	if (mapped === null) return null;
	return `The setting models.map lets '${shorten(mapped)}' answer for '${shorten(name)}', but there is no such model. ${listNames(here)} Change the map, or put that model into the models folder.`;
}

function listNames(here: readonly string[]): string {
	return here.length === 0 ? "There are none on this machine." : `There are: ${here.join(", ")}.`;
}

/** The map's word on a name, or null. Its keys come from requests: those an object has by nature are not in it. */
function mappedTo(name: string | null, { map }: ModelNames): string | null {
	return name !== null && Object.hasOwn(map, name) ? (map[name] ?? null) : null;
}

function findNamed<Model extends { readonly name: string }>(name: string, listed: readonly Model[]): Model | null {
	const stem = name.replace(/\.gguf$/i, "");
	return listed.find((model) => model.name === name) ?? listed.find((model) => model.name === stem) ?? null;
}

function shorten(text: string): string {
	return text.length <= QUOTE_LENGTH ? text : `${text.slice(0, QUOTE_LENGTH)}…`;
}
