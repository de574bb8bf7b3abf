/** Names of the processes on a GPU whose source does not tell them, asked of the system once for each while it stays there. */
import { programName } from "./linux/processes.ts";

/** Asks the system for the name of a process's program; null: it is gone or can't be told. */
export type AskName = (pid: number) => string | null;

/** Looks names up: of all these processes. Those not asked for any more are forgotten, for their numbers may go to others. */
export type NameProcesses = (pids: readonly number[]) => ReadonlyMap<number, string | null>;

/** Remembers names from look to look. */
export function createProcessNames(ask: AskName): NameProcesses {
	let known: ReadonlyMap<number, string | null> = new Map();
	return (pids) => {
		known = new Map(pids.map((pid) => [pid, known.get(pid) ?? ask(pid)]));
		return known;
	};
}

/** How this platform is asked. Elsewhere than on Linux the sources tell names themselves. */
export function askSystem(platform: NodeJS.Platform): AskName {
	return platform === "linux" ? (pid) => programName("/", pid) : () => null;
}
