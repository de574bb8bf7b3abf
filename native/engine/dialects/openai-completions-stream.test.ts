import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CompletionChunk, completionChunkSchema, completionObjectSchema } from "../../contract/contract.ts";
import type { Delta, GenerateResult } from "../request.ts";
import { parseCompletion } from "./openai-completions.ts";
import { arbitraryDeltas, CONTEXT, grow, logprobOf } from "./openai-testing.ts";

function translate(fields: object) {
	const body = { model: "demo", prompt: "Once", stream: true, ...fields };
	const parsed = parseCompletion(body, { allowStream: true, defaultModel: null });
	if (!parsed.ok) throw new Error(parsed.error.map((fault) => fault.message).join("\n"));
	return parsed.value;
}

/** The chunks of a stream in which these prompts' answers grow one after the other. */
function stream(fields: object, prompts: readonly (readonly Delta[])[], results: readonly GenerateResult[]) {
	const writer = translate(fields).stream?.(CONTEXT);
	if (writer === undefined) throw new Error("Not a stream.");
	const pushed = prompts.flatMap((deltas, prompt) => deltas.flatMap((delta) => writer.push(prompt, delta)));
	const events = [...writer.begin(10), ...pushed, ...writer.end(results)];
	expect(events.at(-1)).toEqual({ event: null, data: "[DONE]" });
	return events.slice(0, -1).map(({ data }) => completionChunkSchema.parse(data));
}

/** What the chunks say of one answer, in the words of a whole completion. */
function join(chunks: readonly CompletionChunk[], index: number) {
	const choices = chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === index);
	const logprobs = choices.flatMap((choice) => choice.logprobs ?? []);
	return {
		index,
		text: choices.map((choice) => choice.text).join(""),
		logprobs:
			logprobs.length === 0
				? null
				: {
						tokens: logprobs.flatMap((one) => one.tokens),
						token_logprobs: logprobs.flatMap((one) => one.token_logprobs),
						top_logprobs: logprobs.flatMap((one) => one.top_logprobs),
						text_offset: logprobs.flatMap((one) => one.text_offset),
					},
		finish_reason: choices.at(-1)?.finish_reason,
	};
}

/** A text has neither thoughts nor calls. */
function textOnly({ choice, text, logprobs }: Delta): Delta[] {
	const parts = { ...(text === undefined ? {} : { text }), ...(logprobs?.length ? { logprobs } : {}) };
	return Object.keys(parts).length === 0 ? [] : [{ choice, ...parts }];
}

describe("a streamed completion", () => {
	test("says together what the whole one says, for several prompts with several answers", () => {
		const prompts = fc.array(arbitraryDeltas(2), { minLength: 1, maxLength: 3 });
		fc.assert(
			fc.property(prompts, (given) => {
				const deltas = given.map((one) => one.flatMap(textOnly));
				const fields = { prompt: given.map(() => "Once"), n: 2, stream_options: { include_usage: true } };
				const results = deltas.map((one) => grow(2, one, { finishReason: "length" }));
				const chunks = stream(fields, deltas, results);
				const whole = completionObjectSchema.parse(translate(fields).render(results, CONTEXT));
				expect(whole.choices.map((_, index) => join(chunks, index))).toEqual(whole.choices);
				expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
				expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
			}),
		);
	});

	test("counts the places of tokens on from piece to piece, in each answer for itself", () => {
		const deltas = [
			{ choice: 0, text: "ab", logprobs: [logprobOf("ab")] },
			{ choice: 1, text: "x", logprobs: [logprobOf("x")] },
			{ choice: 0, text: "😀c", logprobs: [logprobOf("😀"), logprobOf("c")] },
		];
		const chunks = stream({ n: 2, logprobs: 1 }, [deltas], [grow(2, deltas)]);
		expect(chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.logprobs?.text_offset))).toEqual([
			[0],
			[0],
			[2, 3],
			undefined,
			undefined,
		]);
	});
});
