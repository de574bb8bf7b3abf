/** Waits for models on behalf of requests, each only for as long as a request may. */
import { err, type Log, type Result } from "../base/base.ts";
import type { LoadFailure, ModelSource } from "../engine/engine.ts";
import type { AcquireFailure, HeldModel, Residency } from "../engine/residency.ts";

/** Why a request did not get its model. */
export type LoadWaitFailure =
	| { readonly kind: "aborted" }
	| { readonly kind: "still-loading" }
	| { readonly kind: "load-failed"; readonly failure: LoadFailure };

/** Gets models. */
export interface Loader {
	/** `signal` ends the waiting. What is held must be released. */
	load(source: ModelSource, signal: AbortSignal): Promise<Result<HeldModel, LoadWaitFailure>>;
}

/** What a loader needs. */
export interface LoaderDeps {
	readonly residency: Pick<Residency, "acquire">;
	readonly log: Log;
	readonly loadWaitMs: number;
}

type Acquired = Result<HeldModel, AcquireFailure>;

/** Makes a loader. */
export function createLoader({ residency, log, loadWaitMs }: LoaderDeps): Loader {
	/** Paths of models that are loaded on for a request that waits no longer, so that its next try finds them ready. */
	const kept = new Set<string>();

	/** One wait a model is kept; others would pile up with every try. */
	function keepLoading(source: ModelSource, acquiring: Promise<Acquired>): void {
		kept.add(source.path);
		const end = (acquired: Acquired) => {
			kept.delete(source.path);
			if (acquired.ok) acquired.value.release();
			else log.warn({ model: source.name, failure: acquired.error }, "a model did not load, and nobody waits for it");
		};
		acquiring.then(end, (error: unknown) => {
			kept.delete(source.path);
			log.error({ error, model: source.name }, "loading a model failed");
		});
	}

	async function load(source: ModelSource, signal: AbortSignal): Promise<Result<HeldModel, LoadWaitFailure>> {
		if (signal.aborted) return err({ kind: "aborted" });
		const given = new AbortController();
		const acquiring = residency.acquire(source, "interactive", given.signal);
		const { promise: ended, resolve: end } = Promise.withResolvers<"late" | "aborted">();
		const timer = setTimeout(() => end("late"), loadWaitMs);
		const onAbort = () => end("aborted");
		signal.addEventListener("abort", onAbort, { once: true });
		try {
			const first = await Promise.race([acquiring, ended]);
			if (first === "late" && !kept.has(source.path)) keepLoading(source, acquiring);
			else if (typeof first === "string") giveUp(given, acquiring, log);
			if (typeof first === "string") return err({ kind: first === "late" ? "still-loading" : "aborted" });
			return first.ok ? first : err(describeFailure(first.error));
		} finally {
			clearTimeout(timer);
			signal.removeEventListener("abort", onAbort);
		}
	}

	return { load };
}

/** Takes back the wish for a model, and gives back the model where it came all the same. */
function giveUp(given: AbortController, acquiring: Promise<Acquired>, log: Log): void {
	given.abort();
	acquiring.then(
		(acquired) => acquired.ok && acquired.value.release(),
		(error: unknown) => log.error({ error }, "loading a model failed"),
	);
}

function describeFailure(failure: AcquireFailure): LoadWaitFailure {
	return failure.kind === "aborted" ? failure : { kind: "load-failed", failure };
}
