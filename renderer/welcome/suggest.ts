/** What the first run offers, and the night in words. Pure. */
import type { Catalogue, CatalogueModel, SettingsValues } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";

/** Models offered: a choice of three is made at once; the models' screen has all. */
const MOST_OFFERED = 3;

/** Those that fit, are not here yet and write text; they come with the best fit first. */
export function worthOffering({ data }: Catalogue): readonly CatalogueModel[] {
	return data
		.filter((model) => !model.is_embedding && model.installed_as === null && model.fit.kind !== "too-big")
		.slice(0, MOST_OFFERED);
}

/** The night window in words, e.g. `Every night from 23:00 to 07:00`. */
export function nightWords(night: SettingsValues["night"]): string {
	const [first, ...others] = Object.values(night);
	const [window, ...more] = first ?? [];
	const isSame = others.every((windows) => JSON.stringify(windows) === JSON.stringify(first));
	if (window === undefined || more.length > 0 || !isSame) return words.welcome.nightVaries;
	return words.welcome.nightEvery(window.from, window.to);
}
