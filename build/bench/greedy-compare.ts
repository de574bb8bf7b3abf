/**
 * Compares greedy answers of two sides token by token and says how a difference came about. Pure. Must never go on behind the
 * first difference: from there on the sides continue different texts.
 */

/** A token a side considered, with its natural log probability (differences between these are differences of logits). */
export interface Candidate {
	/** What identifies it: no two tokens of a vocabulary have the same bytes, and the one without any ends the answer. */
	readonly bytes: readonly number[];
	/** Its id, where the side tells it. */
	readonly id: number | null;
	readonly logprob: number;
}

/** One place of an answer: the token drawn and the best few candidates, best first. */
export interface Drawn extends Candidate {
	readonly best: readonly Candidate[];
}

/** An answer; the token that ended it, if one did, is the last one where the side tells it and left out where not. */
export interface GreedyAnswer {
	readonly tokens: readonly Drawn[];
	readonly isEnded: boolean;
}

/** Where two answers differ first. */
export interface Difference {
	/** From 0, as `position`. */
	readonly prompt: number;
	/** Place in the answer. */
	readonly position: number;
	/** null: this side tells nothing of this place. */
	readonly ours: Drawn | null;
	readonly theirs: Drawn | null;
	/**
	 * Distances of the two tokens' logits, summed over the sides that tell this place: how far apart the sides are about it.
	 * null: a side does not have both among its best few.
	 */
	readonly discrepancy: number | null;
	/** `near-tie`: every side that tells this place has both tokens among its best few, and the discrepancy is mere rounding. */
	readonly kind: "near-tie" | "real";
}

/** What comparing one prompt came to. */
export interface Comparison {
	/** Tokens that are equal, ending ones included. */
	readonly equalTokens: number;
	readonly difference: Difference | null;
	/** How far the sides are apart about the distance of the best two logits, at each place before the first difference. */
	readonly discrepancies: readonly number[];
}

/** Verdict over many prompts. */
export type Verdict = "equal" | "equal but for near-ties" | "DIFFERENT";

/** Token ending an answer that its side does not tell. */
const untoldEnd: Candidate = { bytes: [], id: null, logprob: Number.NaN };

/** Compares two answers to one prompt. `rounding` is the largest discrepancy that the order of additions explains. */
export function compareAnswers(prompt: number, ours: GreedyAnswer, theirs: GreedyAnswer, rounding: number): Comparison {
	const discrepancies: number[] = [];
	const length = Math.max(lengthOf(ours), lengthOf(theirs));
	for (let position = 0; position < length; position++) {
		const [our, their] = [tokenAt(ours, position), tokenAt(theirs, position)];
		const places = { ours: ours.tokens[position] ?? null, theirs: theirs.tokens[position] ?? null };
		if (our === null || their === null || !isSame(our, their)) {
			const told = [places.ours, places.theirs].filter((place) => place !== null);
			const discrepancy = our === null || their === null ? null : sum(told.map((place) => distance(place, our, their)));
			const kind = discrepancy !== null && discrepancy <= rounding ? "near-tie" : "real";
			return { equalTokens: position, difference: { prompt, position, ...places, discrepancy, kind }, discrepancies };
		}
		const [ourMargin, theirMargin] = [margin(places.ours), margin(places.theirs)];
		if (ourMargin !== null && theirMargin !== null) discrepancies.push(Math.abs(ourMargin - theirMargin));
	}
	return { equalTokens: length, difference: null, discrepancies };
}

/** Compares a text, where our side gave no tokens, with the other side's answer, and judges by that side's logits alone. */
export function compareText(prompt: number, ours: string, theirs: GreedyAnswer, rounding: number): Comparison {
	const bytes: number[] = [];
	const begins = (more: readonly number[]): boolean =>
		ours.startsWith(new TextDecoder().decode(Uint8Array.from([...bytes, ...more]), { stream: true }));
	for (const [position, drawn] of theirs.tokens.entries()) {
		if (begins(drawn.bytes)) {
			bytes.push(...drawn.bytes);
			continue;
		}
		// Which token our side drew is not told; the likeliest that its text goes on with is the kindest reading.
		const our = drawn.best.find((candidate) => candidate.bytes.length > 0 && begins(candidate.bytes));
		const discrepancy = our === undefined ? null : distance(drawn, our, drawn);
		const kind = discrepancy !== null && discrepancy <= rounding ? "near-tie" : "real";
		const difference: Difference = { prompt, position, ours: null, theirs: drawn, discrepancy, kind };
		return { equalTokens: position, difference, discrepancies: [] };
	}
	const position = theirs.tokens.length;
	const isWhole = ours === new TextDecoder().decode(Uint8Array.from(bytes));
	if (isWhole) return { equalTokens: position, difference: null, discrepancies: [] };
	const unknown = { prompt, position, ours: null, theirs: null, discrepancy: null };
	return { equalTokens: position, difference: { ...unknown, kind: "real" }, discrepancies: [] };
}

/** Every discrepancy of many prompts, those at first differences included where both sides tell the place. */
export function allDiscrepancies(comparisons: readonly Comparison[]): readonly number[] {
	return comparisons.flatMap(({ discrepancies, difference }) => {
		const isTold = difference !== null && difference.ours !== null && difference.theirs !== null;
		return isTold && difference.discrepancy !== null ? [...discrepancies, difference.discrepancy] : discrepancies;
	});
}

/** Sums up comparisons. */
export function verdictOf(comparisons: readonly Comparison[]): Verdict {
	const kinds = comparisons.map((comparison) => comparison.difference?.kind ?? null);
	if (kinds.includes("real")) return "DIFFERENT";
	return kinds.includes("near-tie") ? "equal but for near-ties" : "equal";
}

/** Distance of the best two candidates' logits; null where fewer are known. */
export function margin(drawn: Drawn | null | undefined): number | null {
	const [first, second] = drawn?.best ?? [];
	return first === undefined || second === undefined ? null : first.logprob - second.logprob;
}

function lengthOf(answer: GreedyAnswer): number {
	const isEndTold = answer.tokens.at(-1)?.bytes.length === 0;
	return answer.tokens.length + (answer.isEnded && !isEndTold ? 1 : 0);
}

function tokenAt(answer: GreedyAnswer, position: number): Candidate | null {
	const token = answer.tokens[position];
	if (token !== undefined) return token;
	return answer.isEnded && position === answer.tokens.length ? untoldEnd : null;
}

/** Distance of two tokens' logits at a place; null where it does not tell both. */
function distance(place: Drawn, one: Candidate, other: Candidate): number | null {
	const [first, second] = [one, other].map((token) => place.best.find((candidate) => isSame(candidate, token)));
	return first === undefined || second === undefined ? null : Math.abs(first.logprob - second.logprob);
}

function sum(margins: readonly (number | null)[]): number | null {
	return margins.reduce<number | null>((total, one) => (total === null || one === null ? null : total + one), 0);
}

function isSame(a: Candidate, b: Candidate): boolean {
	return a.bytes.length === b.bytes.length && a.bytes.every((byte, index) => byte === b.bytes[index]);
}
