/**
 * The loop that carries verdicts out: judges on every look, on what people and programs do, and when something is due; stops work
 * and lets it come back by it. Never judges itself, and never runs anything.
 */
import type { Clock, Log } from "../base/base.ts";
import type { CauseKind, Verdict } from "../contract/contract.ts";
import type { Residency, SuspendScope } from "../engine/residency.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { WorkPermit } from "../jobs/work-permit.ts";
import type { Machine, Wakefulness } from "../machine/machine.ts";
import type { Settings } from "../settings/settings.ts";
import { createFreshness } from "./freshness.ts";
import { createJudgement } from "./judgement.ts";
import type { RestKeeper } from "./rest.ts";
import type { Scheduler, StepAside } from "./scheduler.ts";
import { createStops } from "./stops.ts";
import { createTeller } from "./teller.ts";
import { createUpkeep } from "./upkeep.ts";
import type { YieldJournal } from "./yield-journal.ts";

/** What the scheduler needs. */
export interface SchedulerDeps {
	readonly machine: Pick<Machine, "snapshot" | "watch" | "look" | "setPace">;
	readonly residency: Pick<Residency, "suspend" | "resume" | "setBatchShare" | "models">;
	readonly stepAside: Pick<StepAside, "present" | "watch">;
	readonly settings: Pick<Settings, "current" | "watch">;
	readonly rest: RestKeeper;
	readonly jobs: Pick<Jobs, "hasWork" | "wantsToRehearse" | "attend">;
	/** The scheduler's alone: it ends it. */
	readonly wakefulness: Wakefulness;
	readonly journal: YieldJournal;
	/** False: models are kept off the GPU. */
	readonly usesGpu: boolean;
	readonly clock: Clock;
	readonly log: Log;
}

/** Work that appears or ends, moments that are due and a computer that slept are noticed within this time. */
const TICK_MS = 1_000;

/** Builds the scheduler; nothing may run before it has started and looked. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
	const { machine, stepAside, settings, rest, jobs, clock, log } = deps;
	const judgement = createJudgement(deps);
	const stops = createStops(deps);
	const upkeep = createUpkeep(deps);
	const freshness = createFreshness({ machine, clock, log, onFresh: () => void decide(false) });
	const teller = createTeller({ jobs, log, permit, verdict: () => judgement.verdict });
	const ends: (() => void)[] = [];
	let phase: "new" | "started" | "stopped" = "new";
	let isRehearsing = false;

	/** Resolves when work is stopped or let go by it. */
	async function decide(isWordGiven: boolean): Promise<void> {
		// By an empty snapshot the rules would find things that never were.
		if (phase !== "started" || !(judgement.hasJudged || freshness.isFresh)) return;
		judgement.judge(isWordGiven);
		isRehearsing = wantsRehearsal();
		const carrying = carryOut();
		upkeep.attend(judgement.verdict, freshness.isFresh);
		teller.tell();
		await carrying;
		if (phase === "started") teller.tell();
	}

	async function carryOut(): Promise<void> {
		const { rung, causes } = judgement.verdict;
		const [cause] = causes;
		const isStopped = rung === "yield" || rung === "leave";
		if (isStopped && cause !== undefined && !isRehearsing) await stops.stop(cause, scopeOf(causes));
		else if (freshness.isFresh) await stops.letGo();
	}

	function wantsRehearsal(): boolean {
		return mayRehearse(judgement.verdict) && jobs.wantsToRehearse();
	}

	function tick(): void {
		freshness.tick();
		const { againAtMs } = judgement;
		const isDue = againAtMs !== null && clock.monotonicMs() >= againAtMs;
		if (isDue || isRehearsing !== wantsRehearsal()) void decide(false);
		else upkeep.attend(judgement.verdict, freshness.isFresh);
		teller.tell();
	}

	/**
	 * Work that ran when the computer fell asleep goes on while it is looked at anew: its lanes would be lost by a word that is taken
	 * back a moment later. What stood still is not let go before.
	 */
	function permit(): WorkPermit {
		const mayRun = phase === "started" && judgement.hasJudged && !stops.isStopped;
		return permitBy(judgement.verdict, mayRun, isRehearsing);
	}

	return {
		get verdict() {
			return judgement.verdict;
		},
		get rest() {
			return rest.current;
		},
		get wakeAnswer() {
			return upkeep.wakeAnswer;
		},
		permit,
		watch: teller.watch,
		async setRest(request) {
			const writing = rest.set(request);
			const [kept] = await Promise.all([writing, decide(request.action === "resume")]);
			return kept;
		},
		start() {
			if (phase !== "new") return;
			phase = "started";
			const ticking = setInterval(tick, TICK_MS);
			ticking.unref();
			const onLook = () => {
				judgement.adjustShare();
				void decide(false);
			};
			const onNews = () => void decide(false);
			ends.push(() => clearInterval(ticking), machine.watch(onLook), stepAside.watch(onNews), settings.watch(onNews));
			freshness.doubt();
		},
		async stop() {
			phase = "stopped";
			for (const end of ends.splice(0)) end();
			await stops.end();
			await upkeep.stop();
		},
	};
}

/** Whether somebody else wants what this computer has; else batch work rests by its owner's wish or for the computer's good. */
function scopeOf(causes: Verdict["causes"]): SuspendScope {
	return causes.some(({ kind, rung, isGone }) => rung === "yield" && kind !== "cpu-busy" && !isGone) ? "all" : "batch";
}

function permitBy(verdict: Verdict, mayRun: boolean, isRehearsing: boolean): WorkPermit {
	const { rung, reason, keepsLeases, untilMs } = verdict;
	const isGranted = mayRun && (rung === "run" || rung === "freeze");
	const rehearses = mayRun && (isGranted || isRehearsing);
	return { isGranted, rehearses, keepsLeases, reason, untilMs: isGranted ? null : untilMs };
}

/** What keeps nothing from running that somebody sits there and waits for, as an answer in the chat is waited for. */
const bearable: ReadonlySet<CauseKind> = new Set(["user-present", "outside-hours", "cpu-busy", "live-request"]);

/** Whoever sits there waits for a rehearsal, which is a handful of lines. */
function mayRehearse({ rung, causes }: Verdict): boolean {
	return (rung === "leave" || rung === "yield") && causes.length > 0 && causes.every(({ kind }) => bearable.has(kind));
}
