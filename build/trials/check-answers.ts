/** Whether answers are right as often as those of one machine that is alone. Pure. */
import type { Violation } from "./checker.ts";
import { eventsOf, type History, type SeenAnswer, sincePhase } from "./history.ts";

/** What comparing came to. */
export interface AnswerFigures {
	readonly right: number | null;
	readonly rightAlone: number | null;
	readonly otherAnswers: number;
}

/** So much of all answers may be right less often: near-ties of candidates fall either way with who else is in a pass. */
const TOLERANCE = 0.005;

/** Compares the final outputs with what one machine made of the same lines, where the history has that. */
export function checkAnswers(history: History): {
	readonly violations: readonly Violation[];
	readonly figures: AnswerFigures;
} {
	let [lines, right, rightAlone, otherAnswers] = [0, 0, 0, 0];
	for (const { request, answers: alone, labels } of eventsOf(history, "alone")) {
		const answers = finalAnswers(history, request);
		if (answers === null) continue;
		const texts = new Map(answers.map(({ customId, text }) => [customId, text]));
		for (const [at, { customId, text }] of alone.entries()) {
			const here = texts.get(customId) ?? null;
			lines += 1;
			if (here?.trim() === labels[at]) right += 1;
			if (text?.trim() === labels[at]) rightAlone += 1;
			if (here !== text) otherAnswers += 1;
		}
	}
	if (lines === 0) return { violations: [], figures: { right: null, rightAlone: null, otherAnswers: 0 } };
	const figures = { right: right / lines, rightAlone: rightAlone / lines, otherAnswers };
	const isWorse = figures.right < figures.rightAlone - TOLERANCE;
	const message = `${right} of ${lines} answers are right, ${rightAlone} of one machine's.`;
	return { violations: isWorse ? [{ promise: "right", message }] : [], figures };
}

function finalAnswers(history: History, request: number): readonly SeenAnswer[] | null {
	const batchId = eventsOf(history, "created").find((created) => created.request === request)?.batchId;
	const polled = eventsOf(sincePhase(history, "final"), "polled").find((poll) => poll.batchId === batchId);
	const fileId = polled?.batch?.outputFileId;
	const digest = eventsOf(history, "fetched").find((one) => one.fileId === fileId && one.digest !== null)?.digest;
	return eventsOf(history, "content").find((content) => content.digest === digest)?.answers ?? null;
}
