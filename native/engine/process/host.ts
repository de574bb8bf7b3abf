/**
 * The inference process's switchboard: tells what each message of the service is about, and answers for the time when no
 * model is loaded. Owns whether the gate is to be open and how much batch work may take. Must never decide how requests are run.
 */
import { assertNever, err, type Result } from "../../base/base.ts";
import type { EngineFailure } from "../engine.ts";
import { loadModel } from "./load.ts";
import { NO_COUNTERS, NOTHING_FROZEN, NOTHING_LOST, type ToProcess } from "./protocol.ts";
import { createServing, type Serving, type ServingDeps } from "./serving.ts";

/** The switchboard. */
export interface Host {
	receive(message: ToProcess): void;
}

const NOT_LOADED: EngineFailure = { kind: "not-loaded", message: "No model is loaded: load one first." };

/** Makes the switchboard of one process, which loads one model once. */
export function createHost(deps: ServingDeps): Host {
	let serving: Serving | null = null;
	let gateOpen = true;
	let batchShare = 1;

	const load = async (message: Extract<ToProcess, { kind: "load" }>): Promise<void> => {
		const loaded = await loadModel(
			{
				native: message.native,
				onProgress: (fraction) => deps.send({ kind: "progress", fraction }),
				log: (level, text) => deps.send({ kind: "log", level, message: text }),
			},
			message.source,
			message.options,
		);
		if (!loaded.ok) {
			deps.send({ kind: "load-failed", failure: loaded.error });
			return;
		}
		serving = await createServing(deps, loaded.value);
		serving.setBatchShare(batchShare);
		if (!gateOpen) await serving.closeGate(deps.clock.monotonicMs());
		deps.send({ kind: "loaded", model: loaded.value.description });
	};

	const run = async (message: Extract<ToProcess, { kind: "run" }>): Promise<void> => {
		if (serving === null) deps.send({ kind: "finished", id: message.id, result: err(NOT_LOADED) });
		else await serving.run(message);
	};

	const count = async ({ id, requests }: Extract<ToProcess, { kind: "count" }>): Promise<void> => {
		const counts: Result<number, EngineFailure>[] = [];
		for (const request of requests) counts.push(serving === null ? err(NOT_LOADED) : await serving.count(request));
		deps.send({ kind: "counted", id, counts });
	};

	const closeGate = async ({ id, sinceMs }: Extract<ToProcess, { kind: "close-gate" }>): Promise<void> => {
		gateOpen = false;
		const report = serving === null ? NOTHING_FROZEN : await serving.closeGate(sinceMs);
		deps.send({ kind: "gate-closed", id, report });
	};

	const openGate = (id: number): void => {
		gateOpen = true;
		deps.send({ kind: "gate-opened", id, report: serving?.openGate() ?? NOTHING_LOST });
	};

	return {
		receive(message) {
			switch (message.kind) {
				case "load":
					return void load(message).catch(deps.onFault);
				case "run":
					return void run(message).catch(deps.onFault);
				case "abort":
					return serving?.abort(message.id);
				case "count":
					return void count(message).catch(deps.onFault);
				case "close-gate":
					return void closeGate(message).catch(deps.onFault);
				case "open-gate":
					return openGate(message.id);
				case "batch-share":
					batchShare = message.fraction;
					return serving?.setBatchShare(batchShare);
				case "counters":
					return deps.send({ kind: "counters", id: message.id, counters: serving?.counters ?? NO_COUNTERS });
				default:
					return assertNever(message);
			}
		},
	};
}
