/**
 * Which models this machine has and how a name finds one. Owns the models folder and the digests of its files; must never
 * load a model (the engine does) nor judge what is inside a GGUF.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, extname, isAbsolute, join, resolve as resolvePath } from "node:path";
import { err, type Log, ok, type Result } from "../base/base.ts";
import { createDigestCache } from "./digests.ts";
import { lookUp, type ModelNames, notChosenMessage, notFoundMessage } from "./names.ts";

export { type ModelNames, noModelNames } from "./names.ts";

/** A GGUF file on this machine. */
export interface ModelFile {
	/** Name clients use: the file's name without `.gguf`. */
	readonly name: string;
	/** Absolute path. */
	readonly path: string;
	readonly sizeBytes: number;
	readonly createdAtMs: number;
}

/** Why a name or path led to no model; `message` lists what there is and how to add one. */
export interface ModelNotFound {
	readonly kind: "model-not-found";
	readonly message: string;
}

/** Finds models by name or path. */
export interface Models {
	/** Models in the models folder, then the bundled demo; read anew at each call. */
	list(): readonly ModelFile[];
	/** A listed model by its exact name, for names out of files: never a path, or a file could make us open what it likes. */
	named(name: string): ModelFile | null;
	/** A path of a GGUF file, or a name (with or without `.gguf`) of a listed one. */
	find(nameOrPath: string): Result<ModelFile, ModelNotFound>;
	/**
	 * The model that answers for a name out of a file or request: the listed one of that name, else the one the owner's map names
	 * for it, else the owner's default, which also stands in where `name` is null. Null: none of these is here; a name that is in
	 * the map is never passed on to the default.
	 */
	resolve(name: string | null): ModelFile | null;
	/** As `resolve`, but without the default: for a name that somebody chose, where a slip must not pass for a choice. */
	choose(name: string): Result<ModelFile, ModelNotFound>;
	/** Why `resolve` knows no model for a name: what is here, what the owner's settings say of it, and how to mend it. */
	explainMissing(name: string | null): ModelNotFound;
	/** SHA-256 of the file's bytes, hex; remembered while size and time of change stay the same. */
	digest(model: ModelFile): Promise<string>;
}

/** Name under which the bundled model answers. */
export const DEMO_MODEL_NAME = "demo";

/** What `createModels` needs. */
export interface ModelsDeps {
	readonly modelsDir: string;
	readonly demoModelPath: string;
	readonly modelDigestsPath: string;
	/** What the owner chose about names; asked at each look-up, so that a change counts at once. */
	readonly names: () => ModelNames;
	readonly log: Log;
}

/** Builds the finder over a models folder, which need not exist. */
export function createModels(deps: ModelsDeps): Models {
	const digests = createDigestCache(deps.modelDigestsPath, deps.log);

	function list(): readonly ModelFile[] {
		const found = existsSync(deps.modelsDir)
			? readdirSync(deps.modelsDir)
					.filter((entry) => isFirstPart(entry))
					.sort()
					.map((entry) => describe(join(deps.modelsDir, entry)))
			: [];
		const demo = existsSync(deps.demoModelPath) ? [{ ...describe(deps.demoModelPath), name: DEMO_MODEL_NAME }] : [];
		return [...found, ...demo];
	}

	function find(nameOrPath: string): Result<ModelFile, ModelNotFound> {
		const wanted = nameOrPath.replace(/\.gguf$/i, "");
		const listed = list();
		const match = listed.find((model) => model.name === wanted);
		if (match) return ok(match);
		const path = resolvePath(nameOrPath);
		const looksLikePath = isAbsolute(nameOrPath) || /[\\/]|\.gguf$/i.test(nameOrPath);
		if (looksLikePath && existsSync(path) && statSync(path).isFile()) {
			// A listed one answers under the name it is listed by, however it was found.
			return ok(listed.find((model) => model.path === path) ?? describe(path));
		}
		const names = listed.map((model) => model.name).join(", ");
		return err({
			kind: "model-not-found",
			message: `There is no model "${nameOrPath}" on this machine. Known here: ${names || "none"}. Give the path of a GGUF file, or put one into ${deps.modelsDir} and use its name.`,
		});
	}

	return {
		list,
		named: (name) => list().find((model) => model.name === name) ?? null,
		find,
		resolve: (name) => lookUp(name, list(), deps.names()),
		choose(name) {
			const names = { ...deps.names(), default: null };
			const listed = list();
			const found = lookUp(name, listed, names);
			if (found !== null) return ok(found);
			const here = listed.map((model) => model.name);
			return err({ kind: "model-not-found", message: notChosenMessage(name, here, names) });
		},
		explainMissing(name) {
			const here = list().map((model) => model.name);
			return { kind: "model-not-found", message: notFoundMessage(name, here, deps.names()) };
		},
		digest: (model) => digests.digest(model.path),
	};
}

function describe(path: string): ModelFile {
	const facts = statSync(path);
	return { name: basename(path, extname(path)), path, sizeBytes: facts.size, createdAtMs: Math.round(facts.mtimeMs) };
}

/** Of a model split into several files only the first is offered: loading it loads the rest. */
function isFirstPart(fileName: string): boolean {
	if (!/\.gguf$/i.test(fileName)) return false;
	const part = /-(\d{5})-of-\d{5}\.gguf$/i.exec(fileName);
	return part === null || Number(part[1]) === 1;
}
