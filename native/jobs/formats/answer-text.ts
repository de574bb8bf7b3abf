/** What answers say, without their wrapping. */
import { z } from "zod";
import type { FinishedLine } from "../../ledger/ledger.ts";
import { readAnswer } from "./answers.ts";
import type { JsonObject } from "./line-format.ts";

const chatSchema = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string().nullable() }) })) });
const completionSchema = z.object({ choices: z.array(z.object({ text: z.string() })) });
const responseSchema = z.object({
	output: z.array(
		z.object({ content: z.array(z.object({ type: z.string(), text: z.string().optional() })).optional() }),
	),
});
const messageSchema = z.object({ content: z.array(z.object({ type: z.string(), text: z.string().optional() })) });
const candidatesSchema = z.object({
	candidates: z.array(
		z.object({
			content: z.object({
				parts: z.array(z.object({ text: z.string().optional(), thought: z.boolean().optional() })).optional(),
			}),
		}),
	),
});

/** The text of a line's answer; null: the line failed or has no answer, or it says nothing in text (embeddings, calls of tools). */
export function answerText(line: FinishedLine): string | null {
	if (line.result === null || line.result.isError) return null;
	const answer = readAnswer(line, null);
	if (answer.kind !== "answered") return null;
	const texts = textsOf(answer.body);
	// Of several choices the first is the answer; the file has all.
	return texts[0] ?? null;
}

function textsOf(body: JsonObject): readonly (string | null)[] {
	const chat = chatSchema.safeParse(body);
	if (chat.success) return chat.data.choices.map(({ message }) => message.content);
	const message = messageSchema.safeParse(body);
	if (message.success) return joined(message.data.content.filter(({ type }) => type === "text"));
	const candidates = candidatesSchema.safeParse(body);
	if (candidates.success) {
		return candidates.data.candidates.flatMap(({ content }) =>
			joined((content.parts ?? []).filter(({ thought }) => thought !== true)),
		);
	}
	const response = responseSchema.safeParse(body);
	if (response.success) {
		const parts = response.data.output.flatMap(({ content }) => content ?? []);
		return joined(parts.filter(({ type }) => type === "output_text"));
	}
	const completion = completionSchema.safeParse(body);
	return completion.success ? completion.data.choices.map(({ text }) => text) : [];
}

/** The texts of one answer's parts as one; none: it has no text at all. */
function joined(parts: readonly { readonly text?: string | undefined }[]): readonly string[] {
	const texts = parts.flatMap(({ text }) => text ?? []);
	return texts.length === 0 ? [] : [texts.join("")];
}
