/** Builds the live room: who is let in, and which model answers. */
import { err, type Log, ok, type Result } from "../base/base.ts";
import type { ModelSource } from "../engine/engine.ts";
import type { Residency } from "../engine/residency.ts";
import type { ModelFile, Models } from "../models/models.ts";
import { fingerprint } from "./fingerprint.ts";
import { type LiveLimits, liveLimits } from "./limits.ts";
import type { Live, LiveFailure, LiveTurn, LiveUse } from "./live.ts";
import { createLoader, type Loader } from "./loader.ts";
import { createTurn } from "./turn.ts";

/** What the live room is made from. */
export interface LiveDeps {
	readonly residency: Pick<Residency, "acquire">;
	readonly models: Pick<Models, "resolve" | "explainMissing">;
	/** Answers every request, whatever model it names; null: the model of that name, or the one the owner chose for it. */
	readonly modelOverride: ModelFile | null;
	readonly log: Log;
	/** Smaller in tests. */
	readonly limits?: LiveLimits;
}

/** Builds it. Nothing is loaded before the first request. */
export function createLive({ residency, models, modelOverride, log, limits = liveLimits }: LiveDeps): Live {
	const loader = createLoader({ residency, log, loadWaitMs: limits.loadWaitMs });
	let running = 0;
	let waiting = 0;

	async function begin(name: string, use: LiveUse, signal: AbortSignal): Promise<Result<LiveTurn, LiveFailure>> {
		if (running + waiting >= limits.requests) return err(queueFull(limits));
		const file = modelOverride ?? models.resolve(name, use);
		if (file === null) return err(models.explainMissing(name, use));
		const loaded = await waitFor({ path: file.path, name: file.name }, signal);
		if (!loaded.ok) return err(loaded.error.kind === "still-loading" ? stillLoading(file, limits) : loaded.error);
		const held = loaded.value;
		running++;
		const model = { name: file.name, fingerprint: fingerprint(held.loaded) };
		return ok(createTurn({ held, model, signal, log, onEnd: () => running-- }));
	}

	/** Whoever counts as waiting counts as running the moment it ends well: nothing comes between. */
	async function waitFor(source: ModelSource, signal: AbortSignal): Promise<Awaited<ReturnType<Loader["load"]>>> {
		waiting++;
		try {
			return await loader.load(source, signal);
		} finally {
			waiting--;
		}
	}

	return {
		begin,
		defaultModel: (use) => (modelOverride ?? models.resolve(null, use))?.name ?? null,
		get status() {
			return { running, waiting, limit: limits.requests };
		},
	};
}

function queueFull({ requests, queueRetrySeconds }: LiveLimits): LiveFailure {
	const message = `${requests} requests are being answered or wait, which is as many as may. Send this one again in ${queueRetrySeconds} seconds, or put many into a batch.`;
	return { kind: "queue-full", message, retryAfterSeconds: queueRetrySeconds };
}

function stillLoading({ name }: ModelFile, { loadWaitMs, loadRetrySeconds }: LiveLimits): LiveFailure {
	const message = `The model '${name}' is still being loaded after ${loadWaitMs / 1000} seconds, and goes on loading. Send the request again in ${loadRetrySeconds} seconds.`;
	return { kind: "still-loading", message, retryAfterSeconds: loadRetrySeconds };
}
