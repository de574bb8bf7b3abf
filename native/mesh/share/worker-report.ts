/** What this machine's worker can do, as the core is told it: whether there is room, for which models, how fast. */
import type { Clock, Log } from "../../base/base.ts";
import type { WorkPermit } from "../../jobs/work-permit.ts";
import type { BatchRecord, Digest } from "../../ledger/ledger.ts";
import type { ModelFile, Models } from "../../models/models.ts";
import type { ToNode } from "../node/messages.ts";

/** Looks and tells. */
export interface WorkerReport {
	/** Lines were done. */
	count(lines: number): void;
	/** Looks again; told only where it changed. */
	look(open: readonly BatchRecord[]): void;
	/** Tells at the next look, changed or not: somebody new listens. */
	tellAgain(): void;
	readonly linesPerSecond: number | null;
}

/** What it is made of. */
export interface WorkerReportDeps {
	readonly models: Pick<Models, "list" | "withDigest" | "knownDigest" | "digest">;
	readonly permit: () => WorkPermit;
	readonly clock: Clock;
	readonly log: Log;
	post(message: ToNode): void;
}

/** Time over which lines are counted for the rate: a slice lasts a minute, and lines come in bursts. */
const RATE_MS = 30_000;

/** Less says nothing: two groups may be recorded at nearly the same time. */
const SHORTEST_MS = 1_000;

/** A rate is told again when it differs by this part. */
const NEWS_PART = 0.1;

/** Nothing done yet. */
export function createWorkerReport(deps: WorkerReportDeps): WorkerReport {
	const { models, clock, post } = deps;
	let done: { readonly atMs: number; readonly lines: number }[] = [];
	let rate: number | null = null;
	let told: { readonly isReady: boolean; readonly models: string; readonly linesPerSecond: number } | null = null;
	const looked = new Set<string>();

	/** Lines come in groups, each with all that was done since the one before: of the first it is not known since when. */
	function measure(): void {
		const nowMs = clock.monotonicMs();
		done = done.filter(({ atMs }) => nowMs - atMs < RATE_MS);
		const [first, ...others] = done;
		const spanMs = (others.at(-1)?.atMs ?? 0) - (first?.atMs ?? 0);
		// Too early to tell.
		if (spanMs < SHORTEST_MS) return;
		rate = (others.reduce((sum, { lines }) => sum + lines, 0) / spanMs) * 1_000;
	}

	/** A file of the name that a batch calls its model by may be the same file: its digest tells. */
	function lookForModel(name: string): void {
		const candidate = models.list().find((model) => model.name === name && models.knownDigest(model) === null);
		if (candidate === undefined || looked.has(candidate.path)) return;
		looked.add(candidate.path);
		digest(candidate).catch((error: unknown) =>
			deps.log.warn({ model: candidate.name, error: String(error) }, "a model file can't be read"),
		);
	}

	async function digest(model: ModelFile): Promise<void> {
		await models.digest(model);
	}

	function digestsHere(open: readonly BatchRecord[]): readonly Digest[] {
		const here = new Set<Digest>();
		for (const { model } of open) {
			if (model === null) continue;
			if (models.withDigest(model.digest) === null) lookForModel(model.name);
			else here.add(model.digest);
		}
		return [...here].sort();
	}

	return {
		get linesPerSecond() {
			return rate;
		},
		count(lines) {
			if (lines === 0) return;
			done.push({ atMs: clock.monotonicMs(), lines });
		},
		look(open) {
			measure();
			const digests = digestsHere(open);
			const state = { isReady: deps.permit().isGranted, models: digests.join(), linesPerSecond: rate ?? 0 };
			const isSameRate =
				told !== null && Math.abs(state.linesPerSecond - told.linesPerSecond) <= told.linesPerSecond * NEWS_PART;
			if (told?.isReady === state.isReady && told.models === state.models && isSameRate) return;
			told = state;
			post({ kind: "worker", isReady: state.isReady, models: digests, linesPerSecond: state.linesPerSecond });
		},
		tellAgain() {
			told = null;
		},
	};
}
