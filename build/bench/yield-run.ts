/**
 * The two kinds of run behind the yield bench: a batch with live requests in between, and the same batch left alone. Each has
 * a service and a data folder of its own. Must never reach into the service: it is asked as any program asks it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { err, ok, type Result } from "../../native/base/base.ts";
import type { Status, Yield } from "../../native/contract/contract.ts";
import { say } from "./report.ts";
import {
	type BatchBody,
	completedLines,
	type FinishedBatch,
	finishBatch,
	isRunning,
	submitBatch,
	waitUntilUnderWay,
} from "./yield-batch.ts";
import {
	burstRequests,
	chatRequests,
	type LiveRequest,
	type LiveTiming,
	randomPauses,
	sendInRhythm,
	sendInTurn,
	sendLive,
} from "./yield-live.ts";
import { type BenchService, type BenchServiceOptions, startBenchService } from "./yield-service.ts";

/** How much is measured. */
export interface YieldPlan {
	readonly chats: number;
	/** Mean time between the batch going on and the next chat request. */
	readonly meanPauseMs: number;
	readonly burstSeconds: number;
}

/** One kind of live request, without and with a batch. */
export interface Measured {
	readonly idle: readonly LiveTiming[];
	readonly during: readonly LiveTiming[];
	/** The times batch work stepped aside for those during the batch. */
	readonly yields: readonly Yield[];
}

/** A batch that was disturbed. */
export interface DisturbedRun {
	readonly batch: FinishedBatch;
	readonly lanes: number;
	readonly chat: Measured;
	readonly burst: Measured;
	/** Batch lines done when the burst was over; the rest came after it. */
	readonly linesBeforeEnd: number;
}

/** Seed of the moments at which chat requests arrive. */
const arrivalSeed = 50;
/** Between two idle requests: long enough that one ends before the next, short enough to be quick. */
const idlePauseMs = 100;
const statusPollMs = 50;
/** No quiet time of this bench is near it; a batch that never goes on must not hang the bench. */
const backLimitMs = 60_000;

/** Measures live requests on the idle service, then the same ones in the middle of a batch. */
export async function runDisturbed(
	options: BenchServiceOptions,
	plan: YieldPlan,
	bodies: readonly BatchBody[],
): Promise<Result<DisturbedRun, string>> {
	const started = await startBenchService(options);
	if (!started.ok) return started;
	const service = started.value;
	try {
		const chats = chatRequests(options.modelName, plan.chats + 1);
		const bursts = burstRequests(options.modelName, plan.burstSeconds, 1);
		const idle = await measureIdle(service, chats, burstRequests(options.modelName, plan.burstSeconds, 0));
		if (!idle.ok) return idle;
		const id = await submitBatch(service.client, bodies);
		const underWay = await waitUntilUnderWay(service.client, id);
		if (!underWay.ok) return underWay;
		say("The batch is under way; now the same requests in the middle of it");
		const pause = randomPauses(plan.meanPauseMs, arrivalSeed);
		const chat = await measureDuring(service, () =>
			sendInTurn(service.url, chats.slice(1), async () => {
				await waitUntilBack(service);
				await delay(pause());
				return isRunning(service.client, id);
			}),
		);
		if (!chat.ok) return chat;
		const burst = await measureDuring(service, async () =>
			(await isRunning(service.client, id)) ? sendInRhythm(service.url, bursts) : [],
		);
		if (!burst.ok) return burst;
		const linesBeforeEnd = await completedLines(service.client, id);
		say(`${linesBeforeEnd} of ${bodies.length} lines are done; the batch goes on alone`);
		const lanes = await batchLanes(service);
		const batch = await finishBatch(service.client, id);
		if (!batch.ok) return batch;
		return ok({
			batch: batch.value,
			lanes: lanes ?? 0,
			chat: { idle: idle.value.chat, ...chat.value },
			burst: { idle: idle.value.burst, ...burst.value },
			linesBeforeEnd,
		});
	} finally {
		await service.stop();
	}
}

/** Runs the batch and nothing else; `after` may ask the service more before it is stopped. */
export async function runAlone<T>(
	options: BenchServiceOptions,
	bodies: readonly BatchBody[],
	after: (service: BenchService, batch: FinishedBatch) => Promise<T>,
): Promise<Result<{ readonly batch: FinishedBatch; readonly after: T }, string>> {
	const started = await startBenchService(options);
	if (!started.ok) return started;
	const service = started.value;
	try {
		const id = await submitBatch(service.client, bodies);
		const underWay = await waitUntilUnderWay(service.client, id);
		if (!underWay.ok) return underWay;
		const batch = await finishBatch(service.client, id);
		return batch.ok ? ok({ batch: batch.value, after: await after(service, batch.value) }) : batch;
	} finally {
		await service.stop();
	}
}

/** The first chat request loads the model and is not counted. */
async function measureIdle(
	service: BenchService,
	chats: readonly LiveRequest[],
	bursts: readonly LiveRequest[],
): Promise<Result<{ readonly chat: readonly LiveTiming[]; readonly burst: readonly LiveTiming[] }, string>> {
	for (const request of chats.slice(0, 1)) {
		const first = await sendLive(service.url, request);
		if (first.failure !== null) return err(`the first request failed: ${first.failure}`);
	}
	say("The model is loaded; live requests without a batch");
	const chat = await sendInTurn(service.url, chats.slice(1), async () => {
		await delay(idlePauseMs);
		return true;
	});
	return ok({ chat, burst: await sendInRhythm(service.url, bursts) });
}

async function measureDuring(
	service: BenchService,
	send: () => Promise<readonly LiveTiming[]>,
): Promise<Result<Omit<Measured, "idle">, string>> {
	const before = await waitUntilBack(service);
	if (!before.ok) return before;
	const during = await send();
	const after = await waitUntilBack(service);
	if (!after.ok) return after;
	const known = before.value.stepAside.yields.at(-1)?.number ?? 0;
	return ok({ during, yields: after.value.stepAside.yields.filter((one) => one.number > known) });
}

/** Waits until batch work is not held up, and the last time it was is written down. */
async function waitUntilBack(service: BenchService): Promise<Result<Status, string>> {
	for (let waitedMs = 0; waitedMs < backLimitMs; waitedMs += statusPollMs) {
		const status = await service.status();
		if (!status.ok) return status;
		const { isAside, totals, yields } = status.value.stepAside;
		if (!isAside && totals.count === (yields.at(-1)?.number ?? 0)) return status;
		await delay(statusPollMs);
	}
	return err("batch work did not go on after the last live request");
}

async function batchLanes(service: BenchService): Promise<number | null> {
	const status = await service.status();
	return status.ok ? (status.value.models.find((model) => model.usedByBatch)?.batchLanes ?? null) : null;
}
