/** Judges this computer again and again, and remembers what a verdict needs of the one before. Carries nothing out. */
import type { Clock } from "../base/base.ts";
import type { MachineSnapshot, Verdict } from "../contract/contract.ts";
import type { Residency } from "../engine/residency.ts";
import type { Settings } from "../settings/settings.ts";
import { createFactsGatherer, type FactsDeps } from "./facts.ts";
import { isNight } from "./rules/hours.ts";
import { judge } from "./rules/judge.ts";
import { heldCauses, initialState, settle } from "./settle.ts";
import { nextShare } from "./share.ts";

/** What judging needs. */
export interface JudgementDeps extends FactsDeps {
	readonly residency: Pick<Residency, "models" | "setBatchShare">;
	readonly settings: Pick<Settings, "current">;
	readonly clock: Clock;
}

/** The verdict and what it takes to reach the next one. */
export interface Judgement {
	/** The last one; before the first, that nobody has looked yet. */
	readonly verdict: Verdict;
	/** False until `judge` was called. */
	readonly hasJudged: boolean;
	/** When to judge again without any news, monotonic; null: only on news. */
	readonly againAtMs: number | null;
	/** Judges by what is known now. `isWordGiven`: the owner just said resume. */
	judge(isWordGiven: boolean): void;
	/** Works the share of the GPU's time out anew and sets it; to be called once a look. */
	adjustShare(): void;
}

/** What stands for a verdict while nobody has looked. */
const lookingWords = "waiting: looking at this computer";

/** Smaller changes of the share are not worth telling an inference process. */
const LEAST_SHARE_CHANGE = 0.01;

/** Builds it; nothing is judged yet. */
export function createJudgement(deps: JudgementDeps): Judgement {
	const { machine, residency, settings, clock } = deps;
	const facts = createFactsGatherer(deps);
	let state = initialState;
	let share = 1;
	let setShare = 1;
	let hasJudged = false;
	let againAtMs: number | null = null;
	let verdict: Verdict = {
		rung: "yield",
		reason: lookingWords,
		causes: [],
		sinceMs: clock.nowMs(),
		untilMs: null,
		keepsLeases: true,
		shareFraction: share,
	};

	return {
		get verdict() {
			return verdict;
		},
		get hasJudged() {
			return hasJudged;
		},
		get againAtMs() {
			return againAtMs;
		},
		judge(isWordGiven) {
			const gathered = facts.gather(heldCauses(state));
			const findings = judge(gathered);
			const { limits } = gathered.settings;
			const [nowMs, monotonicMs] = [gathered.nowMs, clock.monotonicMs()];
			({ state, verdict, againAtMs } = settle(state, { findings, nowMs, monotonicMs, limits, isWordGiven, share }));
			hasJudged = true;
		},
		adjustShare() {
			const { day, night } = settings.current;
			// What the GPU draws while nothing of ours runs on it says nothing of our share: it may fall then, but not rise.
			const isWorking = verdict.rung === "run" && residency.models.some(({ batchUsers }) => batchUsers > 0);
			const powerWatts = isWorking ? wattsOf(machine.snapshot) : null;
			const next = nextShare(share, { isNight: isNight(clock.nowMs(), night), day, powerWatts });
			share = isWorking ? next : Math.min(share, next);
			const isWhole = share === 1 && setShare !== 1;
			if (Math.abs(share - setShare) <= LEAST_SHARE_CHANGE && !isWhole) return;
			setShare = share;
			residency.setBatchShare(share);
		},
	};
}

/** Of the GPU we are on, or else of the one that draws most; null: none tells. */
function wattsOf({ gpus }: MachineSnapshot): number | null {
	const ours = gpus.filter(({ memory }) => (memory.oursBytes ?? 0) > 0);
	const watts = (ours.length > 0 ? ours : gpus).flatMap(({ powerWatts }) => powerWatts ?? []);
	return watts.length === 0 ? null : Math.max(...watts);
}
