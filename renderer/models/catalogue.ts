/** Models worth having, by whether they fit; and what was typed in their stead. Pure. */
import type { CatalogueModel, Download, ModelFit } from "../../native/contract/contract.ts";

/** Models that fit alike. */
export interface FitGroup {
	readonly kind: ModelFit["kind"];
	readonly models: readonly CatalogueModel[];
}

/** In which order they are shown; what is too big comes last and is folded away. */
const order = ["gpu", "partly", "processor", "unknown", "too-big"] as const satisfies readonly ModelFit["kind"][];

/** By fit, best first, in the list's own order within; groups of none are left out. */
export function groupByFit(models: readonly CatalogueModel[]): readonly FitGroup[] {
	return order
		.map((kind) => ({ kind, models: models.filter(({ fit }) => fit.kind === kind) }))
		.filter((group) => group.models.length > 0);
}

/** How it stands with a model of the list: here, being fetched, or to be had. */
export type Having =
	| { readonly state: "here"; readonly name: string }
	| { readonly state: "on-its-way"; readonly download: Download }
	| { readonly state: "to-be-had" };

/** Tells it. One that failed or was done, and is not here, may be fetched again. */
export function havingOf(
	model: Pick<CatalogueModel, "reference" | "installed_as">,
	downloads: readonly Download[],
): Having {
	if (model.installed_as !== null) return { state: "here", name: model.installed_as };
	const download = downloads.find(
		({ reference, state }) => reference === model.reference && state !== "failed" && state !== "done",
	);
	return download === undefined ? { state: "to-be-had" } : { state: "on-its-way", download };
}

/** Without the space and quotes that come along with what people paste; all else of a reference the service reads. */
export function tidyReference(text: string): string {
	return text.trim().replace(/^["'<]+|["'>]+$/g, "");
}

/** Shorter is no reference at all: `hf:` and one letter. The service says what else is wrong. */
const LEAST_REFERENCE_CHARACTERS = 4;

/** Whether it can be asked for. */
export function isReference(text: string): boolean {
	return tidyReference(text).length >= LEAST_REFERENCE_CHARACTERS;
}
