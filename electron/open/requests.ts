/**
 * What somebody asks the program to open, whoever tells of it: its own arguments, those of a second start, or macOS. Pure; whether a path
 * leads to a file the service finds out.
 */
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openWords } from "../words/open.ts";
import { isLink, readLink } from "./links.ts";

/** What is to be opened. */
export interface OpenRequests {
	/** Absolute paths, each once. */
	readonly paths: readonly string[];
	/** Where the window is to go; the last link counts. Null: no link, or none that leads anywhere. */
	readonly hash: string | null;
	/** What was not understood, and why, in words. */
	readonly refused: readonly { readonly what: string; readonly message: string }[];
}

/** Files taken at once: as many as the drop panel holds; each may hold a rehearsal. */
export const MOST_PATHS = 50;

/** Nothing: somebody only started the program. */
export const noRequests: OpenRequests = { paths: [], hash: null, refused: [] };

/**
 * Reads arguments, without those of the program itself and its script. Switches are Chromium's or ours and skipped; after `--`
 * everything is a file. Desktops on Linux hand files over as `file://` addresses too.
 *
 * Beside a link no file is taken: who clicks a link has chosen no file, and a page may try to get arguments in by quotes in its link.
 */
export function openRequests({ argv, cwd }: { readonly argv: readonly string[]; readonly cwd: string }): OpenRequests {
	const paths = new Set<string>();
	const refused: { what: string; message: string }[] = [];
	let hash: string | null = null;
	let onlyPaths = false;
	for (const argument of argv) {
		if (!onlyPaths && argument === "--") {
			onlyPaths = true;
		} else if (argument === "" || (!onlyPaths && argument.startsWith("-"))) {
		} else if (isLink(argument)) {
			const target = readLink(argument);
			if (target.ok) ({ hash } = target);
			else refused.push({ what: argument, message: target.message });
		} else {
			const path = pathOf(argument, cwd);
			if (path === null) refused.push({ what: argument, message: openWords.notAPath });
			else paths.add(path);
		}
	}
	if (argv.some(isLink)) return { paths: [], hash, refused };
	const leftOut = paths.size - MOST_PATHS;
	if (leftOut > 0) refused.push({ what: "", message: openWords.tooMany(MOST_PATHS, leftOut) });
	return { paths: [...paths].slice(0, MOST_PATHS), hash, refused };
}

/** The arguments somebody gave: Electron started by hand, as in development, has its script among them. */
export function givenArguments(argv: readonly string[], isPackaged: boolean): readonly string[] {
	return argv.slice(isPackaged ? 1 : 2);
}

/** Null: it names another computer's file, or none at all. */
function pathOf(argument: string, cwd: string): string | null {
	if (argument.includes("\0")) return null;
	// A letter and a colon are a drive of Windows, no scheme.
	if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(argument)) return isAbsolute(argument) ? argument : resolve(cwd, argument);
	try {
		return fileURLToPath(argument);
	} catch {
		return null;
	}
}
