/**
 * Models that other programs downloaded, found where these keep them. Owns knowledge of other programs' folders; must never
 * write, move or copy anything there.
 */
import type { ModelPlace } from "../../contract/contract.ts";
import type { ForeignModelLocations } from "../../locations/foreign-models.ts";
import type { LookBudget } from "../gguf-files.ts";
import { findHuggingFaceModels } from "./hugging-face.ts";
import { findLmStudioModels, lmStudioFolders } from "./lm-studio.ts";
import { findOllamaModels } from "./ollama.ts";

/** A model file of another program. */
export interface ForeignModel {
	readonly path: string;
	readonly place: ModelPlace;
	/** Names it may have, the best first; the first one that is free is taken. */
	readonly names: readonly string[];
}

/** A folder that is looked through. */
export interface ForeignFolder {
	readonly place: ModelPlace;
	readonly path: string;
}

/** What looking for models needs. */
export interface LookDeps {
	readonly budget: LookBudget;
	/** Hears of what can't be read; may hear of the same again. */
	readonly onFault: (path: string, error: unknown) => void;
}

/** Folders that will be looked through, those of one program after those of another. */
export function foreignFolders(locations: ForeignModelLocations, deps: LookDeps): readonly ForeignFolder[] {
	const among = (place: ModelPlace) => (path: string) => ({ place, path });
	return [
		...lmStudioFolders(locations.lmStudio, deps).map(among("lm-studio")),
		...locations.ollama.map(among("ollama")),
		...locations.huggingFace.map(among("hugging-face")),
	];
}

/** The models in one of these folders, in an order that does not change between looks. */
export function findForeignModels({ place, path }: ForeignFolder, deps: LookDeps): readonly ForeignModel[] {
	switch (place) {
		case "lm-studio":
			return findLmStudioModels(path, deps);
		case "ollama":
			return findOllamaModels(path, deps);
		case "hugging-face":
			return findHuggingFaceModels(path, deps);
		default:
			return [];
	}
}
