/** Looks through the folders of all programs known here. */
import type { ModelPlace } from "../../contract/contract.ts";
import type { ForeignModelLocations } from "../../locations/foreign-models.ts";
import type { ForeignFolder, ForeignModel, LookDeps } from "./foreign.ts";
import { findHuggingFaceModels } from "./hugging-face.ts";
import { findLmStudioModels, lmStudioFolders } from "./lm-studio.ts";
import { findOllamaModels } from "./ollama.ts";

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
