import { assertNever, type Clock, type Log } from "../../base/base.ts";
import type { BatchRecord, Ledger } from "../../ledger/ledger.ts";
import { deadlineWarning } from "./deadline.ts";
import type { Insight } from "./insight.ts";

/** Looks at the deadlines of all open batches from time to time. */
export interface Lookout {
	/** Looks at them if it is time. Resolves once new warnings are on disk; never rejects. */
	look(batches: readonly BatchRecord[]): Promise<void>;
	/** Time between each batch's forecast end and its deadline at the last look; missing where it is not known. */
	slackMs(): ReadonlyMap<string, number>;
}

/** What `createLookout` needs. */
export interface LookoutDeps {
	readonly ledger: Pick<Ledger, "warn">;
	readonly insight: Pick<Insight, "forecast" | "formatTime">;
	readonly clock: Clock;
	readonly log: Log;
}

/** A warning comes hours before; a minute more is nothing. */
const LOOK_MS = 60_000;

/** Builds the lookout; its first look is due at once. */
export function createLookout({ ledger, insight, clock, log }: LookoutDeps): Lookout {
	let lookedAtMs = Number.NEGATIVE_INFINITY;
	let slack: ReadonlyMap<string, number> = new Map();

	async function warn(batchId: string, message: string | null): Promise<void> {
		try {
			await ledger.warn(batchId, message);
		} catch (error) {
			log.warn({ batch: batchId, error: String(error) }, "a warning could not be recorded; it is tried again");
		}
	}

	function judge(batch: BatchRecord, found: Map<string, number>): Promise<void> {
		const forecast = insight.forecast(batch);
		if (forecast !== null) found.set(batch.id, batch.expiresAtMs - forecast.finish_at.expected * 1_000);
		const facts = { nowMs: clock.nowMs(), formatTime: insight.formatTime };
		const decision = deadlineWarning(batch, forecast, facts);
		switch (decision.kind) {
			case "set":
				return warn(batch.id, decision.message);
			case "lift":
				return warn(batch.id, null);
			case "keep":
				return Promise.resolve();
			default:
				return assertNever(decision);
		}
	}

	return {
		async look(batches) {
			const nowMs = clock.monotonicMs();
			if (nowMs - lookedAtMs < LOOK_MS) return;
			lookedAtMs = nowMs;
			const found = new Map<string, number>();
			const warnings = batches
				.filter((batch) => batch.status === "in_progress" && !batch.isHeld)
				.map((batch) => judge(batch, found));
			slack = found;
			await Promise.all(warnings);
		},
		slackMs: () => slack,
	};
}
