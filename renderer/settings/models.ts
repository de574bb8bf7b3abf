/** The models to choose from in settings. Pure. */
import type { Choice } from "../ui/select.tsx";
import { words } from "../words/words.ts";

/** The models here, and the one that is chosen even where it is not here any more. */
export function modelChoices(names: readonly string[], chosen: string | null): readonly Choice<string>[] {
	const here = names.map((name) => ({ value: name, label: name }));
	if (chosen === null || names.includes(chosen)) return here;
	return [...here, { value: chosen, label: words.settings.models.notHere(chosen) }];
}

/** The map with a name led to a model. */
export function withName(map: Readonly<Record<string, string>>, name: string, model: string): Record<string, string> {
	return { ...map, [name]: model };
}

/** The map without a name. */
export function withoutName(map: Readonly<Record<string, string>>, name: string): Record<string, string> {
	return Object.fromEntries(Object.entries(map).filter(([known]) => known !== name));
}
