/**
 * Helpers for tests of live requests: the rooms behind them, real unless a test scripts the engine, and ways to send and to
 * break off requests. Must never be imported by the product.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log, silentLog, systemClock } from "../base/base.ts";
import { createEngine } from "../engine/create-engine.ts";
import { createResidency } from "../engine/create-residency.ts";
import type { Engine } from "../engine/engine.ts";
import type { Residency } from "../engine/residency.ts";
import { DEMO_MODEL_PATH, TEST_LOAD } from "../engine/testing.ts";
import { createLive } from "../live/create-live.ts";
import { type LiveLimits, liveLimits } from "../live/limits.ts";
import type { Live } from "../live/live.ts";
import type { ModelFile } from "../models/models.ts";
import { lookUp, noModelNames, notFoundMessage } from "../models/names.ts";
import type { StepAside } from "../scheduler/scheduler.ts";
import { createStepAside } from "../scheduler/step-aside.ts";
import { openYieldJournal } from "../scheduler/yield-journal.ts";

/** The bundled model, as the models room lists it. */
export const demoModel: ModelFile = {
	name: "demo",
	path: DEMO_MODEL_PATH,
	place: "bundled",
	sizeBytes: 1,
	createdAtMs: 1_700_000_000_000,
};

/** What a test may choose. */
export interface LiveRoomsOptions {
	readonly models?: readonly ModelFile[];
	readonly modelOverride?: ModelFile | null;
	/** By default the real one, off the GPU. Nothing is started before the first request. */
	readonly createEngine?: () => Engine;
	readonly interactiveLanes?: number;
	readonly limits?: Partial<LiveLimits>;
	/** Quiet time after a request; by default none. */
	readonly quietMs?: number;
	readonly log?: Log;
}

/** The rooms behind live requests. */
export interface LiveRooms {
	readonly residency: Residency;
	readonly live: Live;
	readonly stepAside: StepAside;
	/** What the gates were told, in order. */
	readonly gateCalls: readonly ("close" | "open")[];
	stop(): Promise<void>;
}

/** Builds them. */
export function createLiveRooms(options: LiveRoomsOptions = {}): LiveRooms {
	const {
		models = [],
		modelOverride = null,
		interactiveLanes = 2,
		limits = {},
		quietMs = 0,
		log = silentLog,
	} = options;
	const folder = mkdtempSync(join(tmpdir(), "nightshift-live-"));
	const clock = systemClock;
	const residency = createResidency({
		createEngine: options.createEngine ?? (() => createEngine({ clock, log, native: { gpu: false } })),
		load: { ...TEST_LOAD, lanes: 4, interactiveLanes },
		mostModels: 2,
		settleFor: () => "wait",
		clock,
		log,
	});
	const gateCalls: ("close" | "open")[] = [];
	const stepAside = createStepAside({
		gates: {
			closeGates(sinceMs) {
				gateCalls.push("close");
				return residency.closeGates(sinceMs);
			},
			openGates() {
				gateCalls.push("open");
				return residency.openGates();
			},
		},
		clock,
		log,
		quiet: () => ({ quietMs, longestQuietMs: quietMs }),
		journal: openYieldJournal({ path: join(folder, "yields.jsonl"), log }),
	});
	const names = models.map((model) => model.name);
	const live = createLive({
		residency,
		models: {
			resolve: (name) => lookUp(name, models, noModelNames),
			explainMissing: (name) => ({
				kind: "model-not-found",
				message: notFoundMessage(name, names, noModelNames),
			}),
		},
		modelOverride,
		log,
		limits: { ...liveLimits, ...limits },
	});
	return {
		residency,
		live,
		stepAside,
		gateCalls,
		async stop() {
			await stepAside.stop();
			await residency.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** A chat the demo model answers with `billing`. */
export const ticketChat = {
	model: "demo",
	messages: [{ role: "user" as const, content: "I was charged twice." }],
	max_tokens: 8,
};

/** Text the demo model continues for as long as it may. */
export const longCompletion = { model: "demo", prompt: "Once upon a time", max_tokens: 400, stream: true };

/** Sends a request as a program does. */
export function post(
	api: { readonly url: string },
	path: string,
	body: object,
	signal?: AbortSignal,
): Promise<Response> {
	const headers = { "content-type": "application/json", "user-agent": "test/1.0" };
	return fetch(`${api.url}${path}`, {
		method: "POST",
		headers,
		body: JSON.stringify(body),
		...(signal ? { signal } : {}),
	});
}

/** Whether nothing is left of any request: no turn, no lane, no visit. */
export async function isIdle({ residency, live, stepAside }: LiveRooms): Promise<boolean> {
	const { name, path } = demoModel;
	const held = await residency.acquire({ name, path }, "interactive");
	if (!held.ok) throw new Error(JSON.stringify(held.error));
	const { busyLanes, waitingRequests } = await held.value.engine.counters();
	held.value.release();
	return busyLanes === 0 && waitingRequests === 0 && live.status.running === 0 && !stepAside.isAside;
}
