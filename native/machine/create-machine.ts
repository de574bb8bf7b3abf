/** Looks at this computer: asks all sources at the same time, merges what they tell, and sets our own use apart. */
import { cpus, totalmem } from "node:os";
import type { Clock, Log } from "../base/base.ts";
import type { MachineSnapshot } from "../contract/contract.ts";
import { createAsker } from "./asker.ts";
import { createLookLoop } from "./look-loop.ts";
import type { Machine } from "./machine.ts";
import { type MergedSight, mergeSights } from "./merge.ts";
import { watchOwnProcesses } from "./own-processes.ts";
import { noOwnProcesses, type OwnProcesses } from "./own-use.ts";
import { createPresence } from "./presence.ts";
import { type AskName, askSystem, createProcessNames } from "./process-names.ts";
import { composeSnapshot, nothingSeen, programName } from "./snapshot.ts";
import type { Source, Told } from "./source.ts";

/** What looking takes. */
export interface MachineDeps {
	readonly clock: Clock;
	readonly log: Log;
	/** The best first; what the shell says goes before all of them. */
	readonly sources: readonly Source[];
	/** Inference processes that run now, from the moment each is started. */
	readonly inferenceProcessIds: () => readonly number[];
	/**
	 * Of those, the ones that may use a GPU; by default all. One that is known to work on the processor alone belongs not here:
	 * as no GPU lists it, nobody could tell how much of the GPU is ours.
	 */
	readonly gpuProcessIds?: () => readonly number[];
	/** Programs the settings name, in any spelling. */
	readonly programs: () => readonly string[];
	/** By default the system's answer. */
	readonly nameOf?: AskName;
}

/** Begins to look, seldom at first. */
export function createMachine(deps: MachineDeps): Machine {
	const { clock, log } = deps;
	const presence = createPresence(clock);
	const own = watchOwnProcesses({ ...deps, gpuProcessIds: deps.gpuProcessIds ?? deps.inferenceProcessIds });
	const nameProcesses = createProcessNames(deps.nameOf ?? askSystem(process.platform));
	const listeners = new Set<(snapshot: MachineSnapshot) => void>();
	// The list of processors is costly to read, and none comes or goes.
	const cores = Math.max(1, cpus().length);
	let isStopped = false;

	const loop = createLookLoop({ clock, log, run: lookOnce });
	const sources = [presence.source, ...deps.sources];
	const askers = sources.map((source) => createAsker({ source, clock, log, onNews: loop.news }));
	let snapshot = compose(nothingSeen, noOwnProcesses, new Map(), []);

	async function lookOnce(): Promise<MachineSnapshot> {
		if (isStopped) return snapshot;
		const inferenceProcessIds = own.begin();
		const programs = [...new Set(deps.programs().map(programName))];
		const ownProcessIds = [process.pid, ...inferenceProcessIds];
		const asked = askers.map(async ({ name, ask }) => ({
			source: name,
			sight: await ask({ ownProcessIds, inferenceProcessIds, programs }),
		}));
		const merged = mergeSights((await Promise.all(asked)).filter((told): told is Told => told.sight !== null));
		const ours = own.end(merged.gpus);
		if (isStopped) return snapshot;
		snapshot = compose(merged, ours, nameProcesses(listNameless(merged)), programs);
		for (const listener of [...listeners]) listener(snapshot);
		return snapshot;
	}

	function compose(
		merged: MergedSight,
		ours: OwnProcesses,
		names: ReadonlyMap<number, string | null>,
		programs: readonly string[],
	): MachineSnapshot {
		return composeSnapshot({
			atMs: clock.nowMs(),
			merged,
			own: ours,
			names,
			programs,
			cores,
			totalBytes: totalmem(),
			sources: askers.flatMap(({ state }) => state ?? []),
		});
	}

	return {
		get snapshot() {
			return snapshot;
		},
		watch(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		look: async () => (isStopped ? snapshot : loop.look()),
		setPace: loop.setPace,
		reportPresence: presence.report,
		async stop() {
			isStopped = true;
			listeners.clear();
			await Promise.all([loop.stop(), ...askers.map((asker) => asker.stop())]);
		},
	};
}

/** Processes on a GPU whose source did not tell their names. */
function listNameless({ gpus }: MergedSight): readonly number[] {
	const pids = gpus.flatMap(({ processes }) => (processes ?? []).filter(({ name }) => name === null));
	return [...new Set(pids.map(({ pid }) => pid))];
}
