/** Which programs run. */
import { posix } from "node:path";
import { type Clock, err, ok, type Result, systemClock } from "../../base/base.ts";
import type { NativeFunction } from "../library.ts";
import { bind, createNativeSource } from "../native-source.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import { textOf } from "./core-foundation.ts";
import type { MacosLibraries } from "./libraries.ts";

/** Looking through all processes costs more than all other looking together; programs are opened seldom. */
const LEAST_BETWEEN_MS = 10_000;
/** Twice what macOS lets run at most (`kern.maxproc` is 16,000 on large Macs). */
const MOST_PROCESSES = 32_768;
/** `PROC_PIDPATHINFO_MAXSIZE` of sys/proc_info.h. */
const LONGEST_PATH_BYTES = 4_096;
/** `proc_name` tells up to 32 bytes. */
const LONGEST_NAME_BYTES = 64;

interface Functions {
	readonly list: NativeFunction;
	readonly path: NativeFunction;
	readonly name: NativeFunction;
}

/**
 * Makes the source; it tells nothing while nobody asks. From libproc.h, in libSystem:
 *
 *     int proc_listallpids(void *buffer, int buffersize);      answers how many
 *     int proc_pidpath(int pid, void *buffer, uint32_t buffersize);
 *     int proc_name(int pid, void *buffer, uint32_t buffersize);
 */
export function createMacosProgramsSource({ system }: MacosLibraries, clock: Clock = systemClock): Source {
	let last: { readonly atMs: number; readonly programs: readonly string[] } | null = null;
	return createNativeSource({
		name: "macOS programs",
		tells: "which programs run, where settings name some",
		open: () =>
			bind(async (need) => ({
				list: await need(system, "int proc_listallpids(void *buffer, int buffersize)"),
				path: await need(system, "int proc_pidpath(int pid, void *buffer, uint32_t buffersize)"),
				name: await need(system, "int proc_name(int pid, void *buffer, uint32_t buffersize)"),
			})),
		async look(functions: Functions, question): Promise<Result<Sight, SourceFault>> {
			if (question.programs.length === 0) return ok({});
			const nowMs = clock.monotonicMs();
			if (last === null || nowMs - last.atMs >= LEAST_BETWEEN_MS) {
				const programs = await list(functions);
				if (programs === null) return err({ kind: "failed", message: "proc_listallpids makes no list of processes" });
				last = { atMs: nowMs, programs };
			}
			return ok({ programs: last.programs });
		},
	});
}

async function list(functions: Functions): Promise<readonly string[] | null> {
	const pids = Buffer.alloc(MOST_PROCESSES * 4);
	const count = await functions.list.call(pids, pids.length);
	if (typeof count !== "number" || count <= 0) return null;
	const names = new Set<string>();
	const text = Buffer.alloc(LONGEST_PATH_BYTES);
	for (let index = 0; index < Math.min(count, MOST_PROCESSES); index++) {
		const name = nameOf(functions, pids.readInt32LE(index * 4), text);
		if (name !== null) names.add(name.toLowerCase());
	}
	return [...names];
}

/** By its file, as programs are known; the path of some is told to root only, their (shorter) name to everybody. */
function nameOf(functions: Functions, pid: number, text: Buffer): string | null {
	text.fill(0);
	if (Number(functions.path.callHere(pid, text, LONGEST_PATH_BYTES)) > 0) return posix.basename(textOf(text));
	return Number(functions.name.callHere(pid, text, LONGEST_NAME_BYTES)) > 0 ? textOf(text) : null;
}
