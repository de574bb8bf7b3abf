/** Names and marks of processes, out of /proc. */
import { basename, join } from "node:path";
import { linkNow, listNow, readNow } from "./kernel-files.ts";

/** Programs that run Windows programs: who asks for a game's name wants the game, not these. */
const CARRIERS = /^(wine.*|proton)$/;

/** What Steam and its Proton leave in the environment of a game. */
const GAME_MARKS = ["SteamAppId=", "STEAM_COMPAT_APP_ID=", "SteamGameId="];

/** Process ids that are there now. */
export function listProcesses(root: string): readonly number[] {
	const pids: number[] = [];
	for (const name of listNow(join(root, "proc"))) {
		// The first character tells most of the other entries apart without trying to read a number.
		const first = name.charCodeAt(0);
		if (first >= 0x30 && first <= 0x39) pids.push(Number(name));
	}
	return pids;
}

/**
 * Name of a process's program in its own spelling, e.g. `blender`; of a Windows program the `.exe` file's name without it. Null: the
 * process is gone. `comm` comes last, for the kernel cuts it at 15 characters.
 */
export function programName(root: string, pid: number): string | null {
	const program = fileOf(root, pid);
	const called = calledAs(root, pid);
	if (called !== null && (program === null || CARRIERS.test(program) || isWindowsFile(called))) return plain(called);
	return program ?? commOf(root, pid);
}

/** All names somebody may know a process's program by, lower case and without `.exe`. */
export function programNames(root: string, pid: number): readonly string[] {
	const names = [fileOf(root, pid), calledAs(root, pid)].filter((name) => name !== null);
	const known = names.length > 0 ? names : [commOf(root, pid) ?? ""];
	return [...new Set(known.map((name) => plain(name).toLowerCase()))].filter((name) => name !== "");
}

/** Whether a process is a game that Steam started. */
export function isSteamGame(root: string, pid: number): boolean {
	const environment = readNow(join(root, "proc", String(pid), "environ")) ?? "";
	return environment.split("\0").some((entry) => GAME_MARKS.some((mark) => isMarked(entry, mark)));
}

/** Whether a process is a Windows program, by Wine or Proton. */
export function isWindowsProgram(root: string, pid: number): boolean {
	return CARRIERS.test(fileOf(root, pid) ?? "") || isWindowsFile(calledAs(root, pid) ?? "");
}

function isWindowsFile(name: string): boolean {
	return /\.exe$/i.test(name);
}

/** Steam sets `SteamAppId=0` for its own window. */
function isMarked(entry: string, mark: string): boolean {
	return entry.startsWith(mark) && entry.length > mark.length && entry !== `${mark}0`;
}

/** Of other users' processes the kernel does not tell it. */
function fileOf(root: string, pid: number): string | null {
	const link = linkNow(join(root, "proc", String(pid), "exe"));
	return link === null ? null : basename(link.replace(/ \(deleted\)$/, ""));
}

/** First word of the command line; some programs write a title there, so it ends at the first gap after a path. */
function calledAs(root: string, pid: number): string | null {
	const words = readNow(join(root, "proc", String(pid), "cmdline"));
	const first = words?.split("\0", 1)[0] ?? "";
	// Windows paths may have spaces in them, and are told by their end.
	const path = /^.*?\.exe/i.exec(first)?.[0] ?? first.split(" ", 1)[0] ?? "";
	const name = path.split(/[\\/]/).at(-1) ?? "";
	return name === "" ? null : name;
}

function commOf(root: string, pid: number): string | null {
	return readNow(join(root, "proc", String(pid), "comm"))?.trim() ?? null;
}

function plain(name: string): string {
	// A login shell is called `-bash`; Chromium's parts end in a colon.
	return name
		.replace(/\.exe$/i, "")
		.replace(/^-/, "")
		.replace(/:$/, "");
}
