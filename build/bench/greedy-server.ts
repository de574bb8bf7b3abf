/**
 * llama.cpp's own server as the reference for greedy answers: turns texts into token ids and answers them one at a time,
 * telling every token with its probability. Must never be asked two things at once: alone it adds in one order only.
 */
import { z } from "zod";
import { err, ok, type Result } from "../../native/base/base.ts";
import type { Candidate, GreedyAnswer } from "./greedy-compare.ts";

/** One message of a chat, as the server takes it. */
export interface ServerMessage {
	readonly role: string;
	readonly content: string;
}

/** What the comparison asks of the server. */
export interface GreedyServer {
	/** Token ids of a text in which control tokens' names mean the tokens. */
	tokenize(text: string): Promise<Result<readonly number[], string>>;
	/** A chat as the model's own template writes it, up to where the answer begins. */
	applyTemplate(messages: readonly ServerMessage[]): Promise<Result<string, string>>;
	/** Continues exactly these tokens, greedily and without any cache. */
	complete(tokens: readonly number[], maxTokens: number): Promise<Result<GreedyAnswer, string>>;
}

const candidate = z.object({ id: z.int(), bytes: z.array(z.int()), logprob: z.number() });
const completion = z.object({
	tokens_evaluated: z.int(),
	stop_type: z.enum(["none", "eos", "word", "limit"]),
	completion_probabilities: z.array(candidate.extend({ top_logprobs: z.array(candidate) })),
});
const tokenized = z.object({ tokens: z.array(z.int()) });
const templated = z.object({ prompt: z.string() });

/** Alternatives asked for. The best two show how near a tie was; three or four may be that near. */
export const shownCandidates = 5;

/** Wraps a running server's address. */
export function createGreedyServer(url: string): GreedyServer {
	const ask = async <T>(path: string, body: object, schema: z.ZodType<T>): Promise<Result<T, string>> => {
		const response = await fetch(`${url}${path}`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(body),
		});
		const text = await response.text();
		if (!response.ok) return err(`llama-server answered ${path} with ${response.status}: ${text}`);
		const answer = schema.safeParse(JSON.parse(text));
		return answer.success ? ok(answer.data) : err(`llama-server's answer to ${path} was not understood: ${text}`);
	};
	return {
		async tokenize(text) {
			const answer = await ask("/tokenize", { content: text, add_special: true, parse_special: true }, tokenized);
			return answer.ok ? ok(answer.value.tokens) : answer;
		},
		async applyTemplate(messages) {
			const answer = await ask("/apply-template", { messages }, templated);
			return answer.ok ? ok(answer.value.prompt) : answer;
		},
		async complete(tokens, maxTokens) {
			const body = { prompt: tokens, n_predict: maxTokens, temperature: 0, cache_prompt: false };
			const answer = await ask("/completion", { ...body, n_probs: shownCandidates }, completion);
			if (!answer.ok) return answer;
			const { tokens_evaluated: evaluated, stop_type: reason, completion_probabilities: drawn } = answer.value;
			if (evaluated !== tokens.length) return err(`llama-server read ${evaluated} tokens of ${tokens.length}`);
			return ok({
				tokens: drawn.map((token) => ({ ...pick(token), best: token.top_logprobs.map(pick) })),
				isEnded: reason === "eos",
			});
		},
	};
}

function pick({ id, bytes, logprob }: z.infer<typeof candidate>): Candidate {
	return { id, bytes, logprob };
}
