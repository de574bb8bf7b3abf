/**
 * Draws an answer's tokens through node-llama-cpp, one native sampler an answer. Owns log probabilities too: they are those
 * of the model, before temperature, penalties and grammar, and asking for them never changes an answer.
 */
import type { EvaluationPriority, LlamaContextSequence, SequenceEvaluateOptions, Token } from "node-llama-cpp";
import type { TokenLogprob } from "../request.ts";
import type { Drawer } from "./lane.ts";

/** Names tokens for a list of log probabilities. */
export type DescribeToken = (token: Token, logprob: number) => Omit<TokenLogprob, "top">;

/** What a drawer needs. */
export interface DrawerDeps {
	readonly sequence: LlamaContextSequence;
	readonly priority: EvaluationPriority;
	readonly options: SequenceEvaluateOptions;
	/** How many alternatives to report with each token, or null for no log probabilities at all. */
	readonly topLogprobs: number | null;
	/** Whether the draw is the plain maximum of the model's logits, so that one evaluation gives token and probabilities. */
	readonly isPlainGreedy: boolean;
	readonly describe: DescribeToken;
}

/** A drawer for one answer in one sequence. */
export function createDrawer(deps: DrawerDeps): Drawer {
	if (deps.topLogprobs === null) return createPlainDrawer(deps);
	return deps.isPlainGreedy
		? createGreedyLogprobDrawer(deps, deps.topLogprobs)
		: createLogprobDrawer(deps, deps.topLogprobs);
}

function createPlainDrawer(deps: DrawerDeps): Drawer {
	let tokens: ReturnType<LlamaContextSequence["evaluate"]> | null = null;
	return {
		async draw(pending) {
			// The iterator evaluates what it drew last by itself: only the prompt's end is ever handed to it.
			tokens ??= deps.sequence.evaluate([...pending], { ...deps.options, evaluationPriority: deps.priority });
			const { value, done } = await tokens.next();
			if (done === true || value === undefined) throw new Error("The model gave no token");
			return { token: value, logprob: null };
		},
		close() {
			// Nothing waits for it: the native sampler is freed when the last evaluation is over.
			void tokens?.return();
			tokens = null;
		},
	};
}

function createGreedyLogprobDrawer(deps: DrawerDeps, topCount: number): Drawer {
	return {
		async draw(pending) {
			const read = await readDistribution(deps, pending, topCount, null);
			const best = read.ranked[0];
			if (best === undefined) throw new Error("The model gave no token");
			return { token: best[0], logprob: toLogprob(deps, best[0], read) };
		},
		close() {},
	};
}

/**
 * Draws as without log probabilities, then reads the distribution at the same place by evaluating the last token once more:
 * the sampler's own view is after penalties, temperature and grammar. Costs a second step for these requests only.
 */
function createLogprobDrawer(deps: DrawerDeps, topCount: number): Drawer {
	const plain = createPlainDrawer(deps);
	return {
		async draw(pending) {
			const drawn = await plain.draw(pending);
			const last = pending.at(-1);
			if (last === undefined) throw new Error("Nothing was evaluated");
			const end = deps.sequence.nextTokenIndex;
			await deps.sequence.eraseContextTokenRanges([{ start: end - 1, end }]);
			const read = await readDistribution(deps, [last], topCount, drawn.token);
			return { token: drawn.token, logprob: toLogprob(deps, drawn.token, read) };
		},
		close: () => plain.close(),
	};
}

interface Distribution {
	/** Most likely first. */
	readonly ranked: readonly (readonly [token: Token, logit: number])[];
	/** Logit from which a log probability is counted: the logarithm of the sum of all. */
	readonly logTotal: number;
}

async function readDistribution(
	deps: DrawerDeps,
	pending: readonly Token[],
	topCount: number,
	also: Token | null,
): Promise<Distribution> {
	const last = pending.at(-1);
	if (last === undefined) throw new Error("Nothing to evaluate");
	const results = await deps.sequence.controlledEvaluate(
		[
			...pending.slice(0, -1),
			[
				last,
				{
					generateNext: {
						options: { temperature: 0 },
						logits: { filter: { includeTop: Math.max(1, topCount), tokens: also === null ? [] : [also] } },
						totalLogitWeight: true,
					},
				},
			],
		],
		{ evaluationPriority: deps.priority },
	);
	const next = results[pending.length - 1]?.next;
	const ranked = [...(next?.logits ?? [])].sort((a, b) => b[1] - a[1]);
	const best = ranked[0];
	if (best === undefined || next?.totalLogitWeight === undefined) throw new Error("The model gave no logits");
	return { ranked, logTotal: best[1] + Math.log(next.totalLogitWeight) };
}

function toLogprob(deps: DrawerDeps, token: Token, read: Distribution): TokenLogprob {
	const logit = read.ranked.find(([candidate]) => candidate === token)?.[1] ?? Number.NEGATIVE_INFINITY;
	const top = read.ranked.slice(0, deps.topLogprobs ?? 0);
	return {
		...deps.describe(token, logit - read.logTotal),
		top: top.map(([candidate, value]) => deps.describe(candidate, value - read.logTotal)),
	};
}
