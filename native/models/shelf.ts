/** The models that are on this machine, by name: our own folder, the bundled one, and those of other programs. */
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Clock, errorCode, type Log } from "../base/base.ts";
import type { ModelPlace } from "../contract/contract.ts";
import type { ForeignModelLocations } from "../locations/foreign-models.ts";
import type { ForeignModel, LookDeps } from "./foreign/foreign.ts";
import { findForeignModels, foreignFolders } from "./foreign/look.ts";
import { isModelFileName, listFolder, modelNameOf, modelPartPaths, realPath } from "./gguf-files.ts";

/** A GGUF file on this machine. */
export interface ModelFile {
	/** Name clients use: the file's name without `.gguf`, or one that says whose it is where that is taken. */
	readonly name: string;
	/** Absolute path; of a split model that of its first part. */
	readonly path: string;
	readonly place: ModelPlace;
	/** Of all its parts that are here. */
	readonly sizeBytes: number;
	readonly createdAtMs: number;
}

/** A folder models are looked for in. */
export interface ModelFolder {
	readonly place: ModelPlace;
	readonly path: string;
	readonly exists: boolean;
}

/** Lists models. */
export interface Shelf {
	/** Our own, the bundled one, those of other programs. Our own folder is read anew; the others' as they were lately. */
	list(): readonly ModelFile[];
	/** Reads other programs' folders anew, unless that was done just now; false: it was. */
	freshen(): boolean;
	/** Reads everything anew at the next look. */
	refresh(): void;
	folders(): readonly ModelFolder[];
}

/** What a shelf is made from. */
export interface ShelfDeps {
	readonly modelsDir: string;
	readonly demoModelPath: string;
	readonly foreign: ForeignModelLocations;
	readonly clock: Clock;
	readonly log: Log;
}

/** Name under which the bundled model answers. */
export const DEMO_MODEL_NAME = "demo";

/** Other programs' folders are read again after so long: models come there once a week, and reading costs milliseconds. */
const FOREIGN_FRESH_MS = 30_000;
/** A name that is not there may be in a model that has just come; but a file of a million such names must not read folders as often. */
const LEAST_REREAD_MS = 2_000;
/** Files and folders of other programs that are looked at: hundreds of models in a cache with all their small files. */
const MOST_ENTRIES = 20_000;
/** Paths that could not be read and were told; beyond that something tells a new path each time. */
const MOST_TOLD = 1_000;

/** Makes a shelf. None of its folders need exist. */
export function createShelf(deps: ShelfDeps): Shelf {
	const { modelsDir, demoModelPath, foreign, clock } = deps;
	const onFault = tellOnce(deps.log);
	let looked: { readonly atMs: number; readonly models: readonly FoundModel[] } | null = null;

	function lookAgain(): readonly FoundModel[] {
		const look: LookDeps = { budget: { entriesLeft: MOST_ENTRIES }, onFault };
		const found = foreignFolders(foreign, look).flatMap((folder) => findForeignModels(folder, look));
		const models = once(found, onFault);
		looked = { atMs: clock.monotonicMs(), models };
		return models;
	}

	function foreignModels(): readonly FoundModel[] {
		const isFresh = looked !== null && clock.monotonicMs() - looked.atMs < FOREIGN_FRESH_MS;
		return looked !== null && isFresh ? looked.models : lookAgain();
	}

	function list(): readonly ModelFile[] {
		const entries = listFolder(modelsDir, { entriesLeft: MOST_ENTRIES }, onFault);
		const own = entries
			.filter((entry) => !entry.isDirectory() && isModelFileName(entry.name))
			.flatMap((entry) => describe(join(modelsDir, entry.name), "nightshift") ?? []);
		const demo = describe(demoModelPath, "bundled");
		const ours = demo === null ? own : [...own, { ...demo, name: DEMO_MODEL_NAME }];
		return [...ours, ...named(foreignModels(), ours)];
	}

	return {
		list,
		freshen() {
			if (looked !== null && clock.monotonicMs() - looked.atMs < LEAST_REREAD_MS) return false;
			lookAgain();
			return true;
		},
		refresh() {
			looked = null;
		},
		folders() {
			const others = foreignFolders(foreign, { budget: { entriesLeft: MOST_ENTRIES }, onFault });
			const all = [{ place: "nightshift" as const, path: modelsDir }, ...others];
			return all.map(({ place, path }) => ({ place, path: resolve(path), exists: existsSync(path) }));
		},
	};
}

/** Facts of a model file by its path; null: there is none any more. */
export function describe(path: string, place: ModelPlace): ModelFile | null {
	const sizes = modelPartPaths(path).map((part) => statSync(part, { throwIfNoEntry: false }));
	const first = sizes[0];
	if (first === undefined) return null;
	const sizeBytes = sizes.reduce((sum, facts) => sum + (facts?.size ?? 0), 0);
	return { name: modelNameOf(path), path, place, sizeBytes, createdAtMs: Math.round(first.mtimeMs) };
}

/** A model of another program before it has its name. */
interface FoundModel {
	readonly file: ModelFile;
	readonly names: readonly string[];
}

/** A file that is found twice counts once. */
function once(found: readonly ForeignModel[], onFault: LookDeps["onFault"]): readonly FoundModel[] {
	const seen = new Set<string>();
	return found.flatMap(({ path, place, names }) => {
		try {
			const real = realPath(path);
			const file = seen.has(real) ? null : describe(path, place);
			seen.add(real);
			return file === null ? [] : [{ file, names }];
		} catch (error) {
			onFault(path, error);
			return [];
		}
	});
}

/** Gives each the first of its names that is free, ours before all others. */
function named(found: readonly FoundModel[], ours: readonly ModelFile[]): readonly ModelFile[] {
	const taken = new Set(ours.map(({ name }) => name));
	return found.map(({ file, names }) => {
		const name = names.find((candidate) => !taken.has(candidate)) ?? numbered(names.at(-1) ?? file.name, taken);
		taken.add(name);
		return { ...file, name };
	});
}

function numbered(name: string, taken: ReadonlySet<string>): string {
	let number = 2;
	while (taken.has(`${name}~${number}`)) number++;
	return `${name}~${number}`;
}

function tellOnce(log: Log): LookDeps["onFault"] {
	const told = new Set<string>();
	return (path, error) => {
		if (told.has(path) || told.size >= MOST_TOLD) return;
		told.add(path);
		const reason = errorCode(error) || String(error);
		log.warn({ path, reason }, "models there are passed over: it can't be read");
	};
}
