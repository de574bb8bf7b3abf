/** Where other programs keep GGUF files: names only, nothing is opened here. */
import { join, resolve } from "node:path";

/** Where other programs keep models; nothing of it need exist. Earlier folders win over later ones. */
export interface ForeignModelLocations {
	readonly lmStudio: {
		/** Files that name LM Studio's own folder in one line. */
		readonly homePointerPaths: readonly string[];
		/** LM Studio's own folder where no pointer names one: `models` and `settings.json` lie in it. */
		readonly homes: readonly string[];
	};
	/** Folders with `manifests` and `blobs`. */
	readonly ollama: readonly string[];
	/** Folders with `models--owner--repository`. */
	readonly huggingFace: readonly string[];
}

/** No other program at all; for tests and one-shot commands. */
export const noForeignModels: ForeignModelLocations = {
	lmStudio: { homePointerPaths: [], homes: [] },
	ollama: [],
	huggingFace: [],
};

/** The folders that LM Studio, Ollama and the Hugging Face tools use by default, or as the environment tells them. */
export function foreignModelLocations(
	environment: NodeJS.ProcessEnv,
	home: string,
	platform: NodeJS.Platform,
): ForeignModelLocations {
	// Ollama's Linux package runs it as a user of its own.
	const service = platform === "linux" ? ["/usr/share/ollama/.ollama/models"] : [];
	return {
		lmStudio: {
			homePointerPaths: [join(home, ".lmstudio-home-pointer")],
			homes: [join(home, ".lmstudio"), join(home, ".cache", "lm-studio")],
		},
		ollama: unique([chosen(environment.OLLAMA_MODELS), join(home, ".ollama", "models"), ...service]),
		huggingFace: unique([
			chosen(environment.HF_HUB_CACHE),
			chosen(environment.HUGGINGFACE_HUB_CACHE),
			below(chosen(environment.HF_HOME), "hub"),
			below(chosen(environment.XDG_CACHE_HOME), "huggingface", "hub"),
			join(home, ".cache", "huggingface", "hub"),
		]),
	};
}

function chosen(folder: string | undefined): string | null {
	return folder === undefined || folder.trim() === "" ? null : resolve(folder.trim());
}

function below(folder: string | null, ...names: readonly string[]): string | null {
	return folder === null ? null : join(folder, ...names);
}

function unique(folders: readonly (string | null)[]): readonly string[] {
	return [...new Set(folders.filter((folder) => folder !== null))];
}
