/** `/v1/completions`: the reply in pieces. */
import type { CompletionChunk, CompletionLogprobs, CompletionUsage } from "../../contract/contract.ts";
import type { TokenLogprob } from "../request.ts";
import { renderCompletionLogprobs, renderTextFinishReason } from "./completions-render.ts";
import { chunkEvent, DONE_EVENT, failEvents, type StreamWish } from "./openai-events.ts";
import type { RenderContext, ReplyStream } from "./translation.ts";
import { expectGenerated, renderUsage } from "./usage.ts";

/** What a completions stream is to say. */
export interface CompletionStreamOptions extends StreamWish {
	/** Answers to each prompt, OpenAI's n. */
	readonly choices: number;
	readonly context: RenderContext;
}

type ChunkChoice = CompletionChunk["choices"][number];

/** Starts the writer of one completion in pieces. */
export function createCompletionStream(options: CompletionStreamOptions): ReplyStream {
	const { context, includeUsage } = options;
	/** Where the next token of an answer begins in its text, in code points, by the answer's index. */
	const offsets = new Map<number, number>();

	const chunk = (choices: readonly ChunkChoice[], usage: CompletionUsage | null) =>
		chunkEvent({
			id: context.id,
			object: "text_completion",
			created: context.createdSeconds,
			model: context.model,
			choices,
			...(includeUsage ? { usage } : {}),
			system_fingerprint: context.systemFingerprint,
		} satisfies CompletionChunk);
	const placeLogprobs = (index: number, logprobs: readonly TokenLogprob[] | undefined): CompletionLogprobs | null => {
		if (logprobs === undefined) return null;
		const offset = offsets.get(index) ?? 0;
		offsets.set(
			index,
			logprobs.reduce((sum, { token }) => sum + [...token].length, offset),
		);
		return renderCompletionLogprobs(logprobs, offset);
	};

	return {
		begin: () => [],
		push(request, { choice, text, logprobs }) {
			if (text === undefined && logprobs === undefined) return [];
			const index = request * options.choices + choice;
			return [
				chunk([{ index, text: text ?? "", logprobs: placeLogprobs(index, logprobs), finish_reason: null }], null),
			];
		},
		end(results) {
			const generated = expectGenerated(results);
			const answers = generated.flatMap((result) => result.choices);
			const last = answers.map(({ finishReason }, index) =>
				chunk([{ index, text: "", logprobs: null, finish_reason: renderTextFinishReason(finishReason) }], null),
			);
			const usage = includeUsage ? [chunk([], renderUsage(generated, context.includeCachedTokens))] : [];
			return [...last, ...usage, DONE_EVENT];
		},
		fail: failEvents,
	};
}
