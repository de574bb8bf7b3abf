/** Which processes run on this computer, as each system tells it. Owns asking and reading; must never end one. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process that runs. */
export interface ProcessRow {
	readonly pid: number;
	readonly parentPid: number;
	/** When it was started, in the system's own measure: told apart by it from another one that got the same number later. */
	readonly startedAt: number;
}

/** Tells all processes that run. Empty where the system does not tell. */
export type ListProcesses = () => Promise<readonly ProcessRow[]>;

/** A system that takes longer to tell its processes hangs; PowerShell on a slow Windows takes some seconds. */
const LIST_LIMIT_MS = 10_000;
/** Some ten thousand processes. */
const MOST_LIST_BYTES = 4 * 1024 * 1024;

/** How this platform's processes are told. */
export function processLister(platform: NodeJS.Platform): ListProcesses {
	switch (platform) {
		case "linux":
			return listLinux;
		case "win32":
			return async () => parseWindowsList(await output("powershell.exe", WINDOWS_ARGUMENTS));
		default:
			// POSIX has `lstart` nowhere, but macOS and the BSDs do.
			return async () => parsePosixList(await output("ps", ["-axo", "pid=,ppid=,state=,lstart="]));
	}
}

/** proc_pid_stat(5); a zombie has ended already and only waits to be counted. */
export function parseLinuxStat(stat: string): ProcessRow | null {
	// The name stands in brackets and may have any characters, brackets too.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	const [state, parent] = fields;
	// The numbers of fields in the manual count from pid = 1; these from state = 3.
	const started = fields[22 - 3];
	if (state === undefined || parent === undefined || started === undefined || state === "Z" || state === "X")
		return null;
	return { pid: Number.parseInt(stat, 10), parentPid: Number(parent), startedAt: Number(started) };
}

async function listLinux(): Promise<readonly ProcessRow[]> {
	const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const rows = await Promise.all(names.map((name) => readLinuxProcess(Number(name))));
	return rows.filter((row) => row !== null);
}

/** One process of Linux; null: it has ended. */
export async function readLinuxProcess(pid: number): Promise<ProcessRow | null> {
	try {
		return parseLinuxStat(await readFile(`/proc/${pid}/stat`, "utf8"));
	} catch {
		// It ended between being listed and being read; that is the only thing that can go wrong with such a file.
		return null;
	}
}

/** Lines such as `  431   1 S    Sat Nov 21 18:20:24 2026`. */
export function parsePosixList(text: string): readonly ProcessRow[] {
	return text.split("\n").flatMap((line) => {
		const [, pid, parent, state, started] = /^ *(\d+) +(\d+) +(\S+) +(.+)$/.exec(line) ?? [];
		if (pid === undefined || parent === undefined || started === undefined || state?.startsWith("Z")) return [];
		return [{ pid: Number(pid), parentPid: Number(parent), startedAt: Date.parse(started) }];
	});
}

/** Starts as ticks of 100 ns since the year 1601: a number holds them to some microseconds, and a process takes longer to start. */
const WINDOWS_ARGUMENTS = [
	"-NoProfile",
	"-NonInteractive",
	"-Command",
	'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $($_.CreationDate.ToFileTimeUtc())" }',
] as const;

/** Lines such as `4312 912 133798128241234567`; the system's own processes have no start. */
export function parseWindowsList(text: string): readonly ProcessRow[] {
	return text.split(/\r?\n/).flatMap((line) => {
		const [, pid, parent, started] = /^(\d+) (\d+) (\d+)$/.exec(line.trim()) ?? [];
		if (pid === undefined || parent === undefined || started === undefined) return [];
		return [{ pid: Number(pid), parentPid: Number(parent), startedAt: Number(started) }];
	});
}

async function output(tool: string, words: readonly string[]): Promise<string> {
	try {
		const options = { timeout: LIST_LIMIT_MS, maxBuffer: MOST_LIST_BYTES, windowsHide: true } as const;
		// In the words of the manual, whatever the user's language.
		const env = { ...process.env, LC_ALL: "C" };
		return (await promisify(execFile)(tool, [...words], { ...options, env })).stdout;
	} catch {
		// Without the tool, or where it is forbidden, nothing is known of other processes than our own child.
		return "";
	}
}
