/**
 * Nightshift's engine as one side of the bench: through the same `Engine` the service uses, fed the way jobs feed it. Must
 * never reach past that interface.
 */

import { err, ok, type Result } from "../../native/base/base.ts";
import type { Engine, LoadedModel } from "../../native/engine/engine.ts";
import type { GenerateRequest } from "../../native/engine/request.ts";
import { GREEDY } from "../../native/engine/testing.ts";
import type { SideRun } from "./engine-rates.ts";
import { type Side, timeLines } from "./side.ts";
import type { BenchLine } from "./tickets.ts";

/** How our engine is loaded. */
export interface OurOptions {
	readonly modelPath: string;
	readonly threads: number;
	/** null: the engine chooses. */
	readonly lanes: number | null;
	readonly contextTokens: number;
}

/** Requests handed over at once for each lane, as jobs do it: one running and one waiting. */
const inFlightPerLane = 2;

/** Tokens of the bench model's template after the last message's text: end of turn, line break, opening of the answer. */
const trailerTokens = 5;

/** Loads the bench model; the error is the engine's own sentence. */
export async function loadOurs(engine: Engine, options: OurOptions): Promise<Result<LoadedModel, string>> {
	const loaded = await engine.load(
		{ path: options.modelPath, name: "bench" },
		{
			lanes: options.lanes,
			contextTokens: options.contextTokens,
			gpuLayers: 0,
			threads: options.threads,
			interactiveLanes: 0,
			interactiveContextTokens: null,
			beside: false,
		},
	);
	return loaded.ok ? loaded : err(`our engine could not load the bench model: ${loaded.error.message}`);
}

/** Runs lines to their end, ordered by prompt as jobs order them, and times them. */
export async function runOurs(engine: Engine, lanes: number, lines: readonly BenchLine[]): Promise<SideRun> {
	const ordered = [...lines].sort((a, b) => compareTexts(promptText(a), promptText(b)));
	const side: Side = {
		processId: engine.processId,
		clients: lanes * inFlightPerLane,
		answer: async (line) => {
			const outcome = await engine.run(toRequest(line), { priority: "batch" });
			return outcome.ok && outcome.value.kind === "generate" ? ok(outcome.value) : err(JSON.stringify(outcome));
		},
	};
	return timeLines(side, ordered);
}

/** Prompt tokens a line has on average that it shares with no other: what every side must compute at the least. */
export async function ownPromptTokens(
	engine: Engine,
	lines: readonly BenchLine[],
	emptyLine: BenchLine,
): Promise<Result<number, string>> {
	const counted = await engine.countPromptTokens([emptyLine, ...lines].map(toRequest));
	if (!counted.ok) return err(`our engine could not count tokens: ${JSON.stringify(counted.error)}`);
	const counts: number[] = [];
	for (const count of counted.value) {
		if (!count.ok) return err(`our engine could not count tokens: ${JSON.stringify(count.error)}`);
		counts.push(count.value);
	}
	const [empty = 0, ...full] = counts;
	const mean = full.reduce((sum, count) => sum + count, 0) / full.length;
	return ok(mean - (empty - trailerTokens));
}

function toRequest(line: BenchLine): GenerateRequest {
	const system = line.system === null ? [] : [{ role: "system", content: line.system } as const];
	return {
		kind: "generate",
		prompt: {
			kind: "chat",
			messages: [...system, { role: "user", content: line.user }],
			tools: [],
			toolChoice: { kind: "none" },
			parallelToolCalls: false,
		},
		maxTokens: line.maxTokens,
		sampling: GREEDY,
		stop: [],
		choices: 1,
		topLogprobs: null,
		format: { kind: "text" },
		echo: false,
	};
}

function promptText(line: BenchLine): string {
	return `${line.system ?? ""}\n${line.user}`;
}

function compareTexts(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
