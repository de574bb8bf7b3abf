/** Which programs run, for owners who name some that always stop the work. */
import { type Clock, ok, type Result } from "../../base/base.ts";
import type { Question, Sight, Source, SourceFault } from "../source.ts";
import { listProcesses, programNames } from "./processes.ts";

/** Names of all processes take some milliseconds to read. */
const LIST_EVERY_MS = 10_000;

/**
 * A young process may still become another program (a launcher starts the game in its own place), so it is asked again in its first
 * lists; later on only in every sixth.
 */
const YOUNG_LISTS = 3;
const OLD_EVERY_LISTS = 6;

/** A process as far as it is known. */
interface Known {
	readonly names: readonly string[];
	/** It was in so many. */
	readonly lists: number;
}

/** Makes the source. */
export function createProgramsSource(root: string, clock: Clock): Source {
	let known = new Map<number, Known>();
	let programs: readonly string[] = [];
	let listedAtMs = Number.NEGATIVE_INFINITY;

	function list(): void {
		const now = new Map<number, Known>();
		for (const pid of listProcesses(root)) {
			const process = known.get(pid) ?? { names: [], lists: 0 };
			// Spread by id, so that the old ones don't all come up in the same list.
			const isDue = process.lists < YOUNG_LISTS || (process.lists + pid) % OLD_EVERY_LISTS === 0;
			now.set(pid, { names: isDue ? programNames(root, pid) : process.names, lists: process.lists + 1 });
		}
		known = now;
		programs = [...new Set([...now.values()].flatMap((process) => process.names))];
	}

	function look(question: Question): Promise<Result<Sight, SourceFault>> {
		if (question.programs.length === 0) return Promise.resolve(ok({}));
		if (clock.monotonicMs() - listedAtMs >= LIST_EVERY_MS) {
			listedAtMs = clock.monotonicMs();
			list();
		}
		return Promise.resolve(ok({ programs }));
	}

	return { name: "/proc programs", tells: "which programs run", look, stop: () => Promise.resolve() };
}
