/**
 * What work costs and what was done: forecasts with energy and money, the morning report, the price table of hosted batch APIs.
 * Owns sums and words about past and future work; must never change anything.
 */
import type { ForecastObject, NightReport } from "../contract/contract.ts";

/** Tells what work costs and what was done. */
export interface Reports {
	/** Null where `jobs.forecast` is. */
	forecast(batchId: string): ForecastObject | null;
	/**
	 * From the last noon (local time) to now, before noon; from noon to noon before, after it: in the afternoon people still ask
	 * for the night that was, until a new one has begun with work of its own. Work of its own is on batches that the night before
	 * did not work on: what only runs on past noon still belongs to the night people ask for.
	 */
	lastNight(): NightReport;
}
