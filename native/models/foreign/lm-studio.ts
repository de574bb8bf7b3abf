/** LM Studio: `models/publisher/repository/file.gguf` below its own folder, or below one that its settings name. */
import { readFileSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { z } from "zod";
import { errorCode } from "../../base/base.ts";
import type { ForeignModelLocations } from "../../locations/foreign-models.ts";
import { findModelFiles, isFile, modelNameOf } from "../gguf-files.ts";
import type { ForeignModel, LookDeps } from "./foreign.ts";

const settingsSchema = z.object({ downloadsFolder: z.string().min(1).max(4_096).optional() });

/** Longest file of LM Studio's that is read whole: its settings are a few kilobytes. */
const MOST_TEXT_LENGTH = 1 << 20;

/** Folders that LM Studio keeps models in: what its pointer and its settings name, then the usual ones. */
export function lmStudioFolders(locations: ForeignModelLocations["lmStudio"], deps: LookDeps): readonly string[] {
	const pointed = locations.homePointerPaths.flatMap((path) => absolute(readText(path, deps)?.split("\n", 1)[0]));
	const homes = [...new Set([...pointed, ...locations.homes])];
	const chosen = homes.flatMap((home) => absolute(chosenFolder(join(home, "settings.json"), deps)));
	return [...new Set([...chosen, ...homes.map((home) => join(home, "models"))])];
}

/** Models below one of these folders. */
export function findLmStudioModels(folder: string, { budget, onFault }: LookDeps): readonly ForeignModel[] {
	return findModelFiles(folder, budget, onFault).map((path) => {
		const name = modelNameOf(path);
		const longName = relative(folder, path).split(sep).slice(0, -1).concat(name).join("/");
		return { path, place: "lm-studio", names: [name, `lm-studio/${name}`, `lm-studio/${longName}`] };
	});
}

function chosenFolder(settingsPath: string, deps: LookDeps): string | undefined {
	const text = readText(settingsPath, deps);
	if (text === null) return undefined;
	try {
		return settingsSchema.parse(JSON.parse(text)).downloadsFolder;
	} catch (error) {
		deps.onFault(settingsPath, error);
		return undefined;
	}
}

function readText(path: string, { onFault }: LookDeps): string | null {
	try {
		if (!isFile(path)) return null;
		return readFileSync(path, "utf8")
			.slice(0, MOST_TEXT_LENGTH)
			.replace(/^\uFEFF/, "");
	} catch (error) {
		if (errorCode(error) !== "ENOENT") onFault(path, error);
		return null;
	}
}

function absolute(folder: string | undefined): readonly string[] {
	const path = folder?.trim();
	return path !== undefined && isAbsolute(path) ? [path] : [];
}
