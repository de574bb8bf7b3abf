/**
 * Looks behind a line whose answer is not the same in two runs: asks for it once more, live and with log probabilities, and
 * finds the token where the answers part. Must never be part of what is measured.
 */
import type OpenAI from "openai";
import type { BatchBody } from "./yield-batch.ts";
import type { DifferingLine } from "./yield-figures.ts";

/** The place where two answers part, as a third run sees it. */
export interface Flip {
	readonly customId: string;
	/** From 1. null: the third run parted from both before that place. */
	readonly token: number | null;
	/** The best two candidates there, with their log probabilities, best first. */
	readonly best: readonly { readonly text: string; readonly logprob: number }[];
}

/** Lines looked behind; a handful shows what they are. */
export const mostFlips = 10;

/** Asks for the first few differing lines again. */
export async function lookBehind(
	client: OpenAI,
	bodies: readonly BatchBody[],
	lines: readonly DifferingLine[],
): Promise<readonly Flip[]> {
	const flips: Flip[] = [];
	for (const line of lines.slice(0, mostFlips)) {
		const body = bodies[Number(/\d+$/.exec(line.customId)?.[0] ?? -1)];
		if (body !== undefined) flips.push(await lookAt(client, body, line));
	}
	return flips;
}

async function lookAt(client: OpenAI, body: BatchBody, line: DifferingLine): Promise<Flip> {
	const answer = await client.chat.completions.create({
		...body,
		messages: [...body.messages],
		logprobs: true,
		top_logprobs: 2,
	});
	const decoder = new TextDecoder();
	const shared = line.first.slice(0, line.equalCharacters);
	let text = "";
	for (const [index, token] of (answer.choices[0]?.logprobs?.content ?? []).entries()) {
		if (!shared.startsWith(text)) break;
		text += decoder.decode(Uint8Array.from(token.bytes ?? []), { stream: true });
		if (shared.startsWith(text)) continue;
		const best = token.top_logprobs.map(({ token: candidate, logprob }) => ({ text: candidate, logprob }));
		// A token that leaves the shared text at its end is where the two parted; one that leaves it earlier is not.
		if (text.startsWith(shared)) return { customId: line.customId, token: index + 1, best };
		break;
	}
	return { customId: line.customId, token: null, best: [] };
}
