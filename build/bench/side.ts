/** Runs lines through one side of the engine bench and times them, the same way for every side. Must never know which it is. */
import type { Result } from "../../native/base/base.ts";
import type { SideRun } from "./engine-rates.ts";
import { processorSeconds } from "./server-process.ts";
import type { BenchLine } from "./tickets.ts";

/** Token counts of one answered line, as the side reports them. */
export interface LineUsage {
	readonly promptTokens: number;
	readonly cachedTokens: number;
	readonly completionTokens: number;
}

/** What is timed. */
export interface Side {
	/** Process whose processor time counts. */
	readonly processId: number | null;
	/** Lines handed over at once. */
	readonly clients: number;
	answer(line: BenchLine): Promise<Result<LineUsage, string>>;
}

/** Answers every line, each client one after the other; a line that fails is counted and the run goes on. */
export async function timeLines(side: Side, lines: readonly BenchLine[]): Promise<SideRun> {
	const total = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, oddLines: 0 };
	let firstFailure: string | null = null;
	let next = 0;
	const client = async (): Promise<void> => {
		for (let line = lines[next++]; line !== undefined; line = lines[next++]) {
			const answer = await side.answer(line);
			if (!answer.ok) {
				firstFailure ??= answer.error;
				total.oddLines++;
				continue;
			}
			total.promptTokens += answer.value.promptTokens;
			total.cachedTokens += answer.value.cachedTokens;
			total.completionTokens += answer.value.completionTokens;
			if (answer.value.completionTokens !== line.maxTokens) total.oddLines++;
		}
	};
	const usedBefore = processorSeconds(side.processId);
	const startMs = performance.now();
	await Promise.all(Array.from({ length: side.clients }, client));
	const seconds = (performance.now() - startMs) / 1000;
	const used = processorSeconds(side.processId);
	return {
		...total,
		lineCount: lines.length,
		seconds,
		processorSeconds: used === null || usedBefore === null ? null : used - usedBefore,
		firstFailure,
	};
}
