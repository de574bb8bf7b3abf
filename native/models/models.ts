/**
 * Which models this machine has, how a name finds one, what their headers say, and getting more of them. Owns the models folder,
 * downloads into it and the digests of its files; must never load a model (the engine does) nor change a file of another program.
 */
import { existsSync, statSync } from "node:fs";
import { isAbsolute, resolve as resolvePath } from "node:path";
import { type Clock, err, type Log, ok, type Result, systemClock } from "../base/base.ts";
import { type ForeignModelLocations, noForeignModels } from "../locations/foreign-models.ts";
import { createDigestCache } from "./digests.ts";
import { lookUp, type ModelNames, type ModelUse, namesFor, notChosenMessage, notFoundMessage } from "./names.ts";
import { createShelf, describe, type ModelFile, type ModelFolder } from "./shelf.ts";

export { type ModelNames, type ModelUse, noModelNames } from "./names.ts";
export { DEMO_MODEL_NAME, type ModelFile, type ModelFolder } from "./shelf.ts";

/** Why a name or path led to no model; `message` lists what there is and how to add one. */
export interface ModelNotFound {
	readonly kind: "model-not-found";
	readonly message: string;
}

/** Finds models by name or path. */
export interface Models {
	/** Models in the models folder, the bundled demo, then those of other programs, each under a name of its own. */
	list(): readonly ModelFile[];
	/** Folders that are looked through. */
	folders(): readonly ModelFolder[];
	/**
	 * A listed model by its exact name, for names out of files: never a path, or a file could make us open what it likes. Names of
	 * other programs' models may have slashes in them; they are compared, never joined to a path.
	 */
	named(name: string): ModelFile | null;
	/** A path of a GGUF file, or a name (with or without `.gguf`) of a listed one. */
	find(nameOrPath: string): Result<ModelFile, ModelNotFound>;
	/**
	 * The model that answers for a name out of a file or request: the listed one of that name, else the one the owner's map names
	 * for it, else the owner's default for the use, or for all, which also stands in where `name` is null. Null: none of these is
	 * here; a name that is in the map is never passed on to the default.
	 */
	resolve(name: string | null, use?: ModelUse): ModelFile | null;
	/** As `resolve`, but without the default: for a name that somebody chose, where a slip must not pass for a choice. */
	choose(name: string): Result<ModelFile, ModelNotFound>;
	/** Why `resolve` knows no model for a name: what is here, what the owner's settings say of it, and how to mend it. */
	explainMissing(name: string | null, use?: ModelUse): ModelNotFound;
	/** SHA-256 of the file's bytes, hex; remembered while size and time of change stay the same. */
	digest(model: ModelFile): Promise<string>;
	/** A listed model whose file is known to have these bytes; null: none is. */
	withDigest(digest: string): ModelFile | null;
	/** The same where it is known without reading gigabytes; null: it is not. */
	knownDigest(model: ModelFile): string | null;
	/** Takes over a digest that was measured on the way here. */
	rememberDigest(path: string, digest: string): void;
}

/** What `createModels` needs. */
export interface ModelsDeps {
	readonly modelsDir: string;
	readonly demoModelPath: string;
	readonly modelDigestsPath: string;
	/** What the owner chose about names; asked at each look-up, so that a change counts at once. */
	readonly names: () => ModelNames;
	/** Where other programs keep models; none by default. */
	readonly foreign?: ForeignModelLocations;
	readonly clock?: Clock;
	readonly log: Log;
}

/** Builds the finder over a models folder, which need not exist. */
export function createModels(deps: ModelsDeps): Models {
	const { foreign = noForeignModels, clock = systemClock } = deps;
	const digests = createDigestCache(deps.modelDigestsPath, deps.log);
	const shelf = createShelf({ ...deps, foreign, clock });

	/** Asks what is listed; where that has no answer, what has come since. */
	function ask<T>(question: (listed: readonly ModelFile[]) => T | null): T | null {
		return question(shelf.list()) ?? (shelf.freshen() ? question(shelf.list()) : null);
	}

	function find(nameOrPath: string): Result<ModelFile, ModelNotFound> {
		const wanted = nameOrPath.replace(/\.gguf$/i, "");
		const match = ask((listed) => listed.find((model) => model.name === wanted) ?? null);
		if (match !== null) return ok(match);
		const path = resolvePath(nameOrPath);
		const looksLikePath = isAbsolute(nameOrPath) || /[\\/]|\.gguf$/i.test(nameOrPath);
		if (looksLikePath && existsSync(path) && statSync(path).isFile()) {
			// A listed one answers under the name it is listed by, however it was found.
			const found = shelf.list().find((model) => model.path === path) ?? describe(path, "elsewhere");
			if (found !== null) return ok(found);
		}
		const names = nameAll(shelf.list()).join(", ");
		return err({
			kind: "model-not-found",
			message: `There is no model "${nameOrPath}" on this machine. Known here: ${names || "none"}. Give the path of a GGUF file, or put one into ${deps.modelsDir} and use its name.`,
		});
	}

	return {
		list: shelf.list,
		folders: shelf.folders,
		named: (name) => ask((listed) => listed.find((model) => model.name === name) ?? null),
		find,
		resolve: (name, use) => ask((listed) => lookUp(name, listed, namesFor(use ?? null, deps.names()))),
		choose(name) {
			const names = { ...deps.names(), default: null };
			const found = ask((listed) => lookUp(name, listed, names));
			if (found !== null) return ok(found);
			return err({ kind: "model-not-found", message: notChosenMessage(name, nameAll(shelf.list()), names) });
		},
		explainMissing(name, use) {
			const names = namesFor(use ?? null, deps.names());
			return { kind: "model-not-found", message: notFoundMessage(name, nameAll(shelf.list()), names) };
		},
		digest: (model) => digests.digest(model.path),
		withDigest: (digest) => shelf.list().find(({ path }) => digests.known(path) === digest) ?? null,
		knownDigest: (model) => digests.known(model.path),
		rememberDigest: digests.remember,
	};
}

function nameAll(models: readonly ModelFile[]): readonly string[] {
	return models.map(({ name }) => name);
}
