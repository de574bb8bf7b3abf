/** What the tests of Gemini's dialect share. */
import type { Choice, GenerateRequest, GenerateResult } from "../request.ts";
import { parseGenerateContent } from "./gemini-generate.ts";
import type { RenderContext, RequestFault } from "./translation.ts";

/** The least a line has; its model stands elsewhere. */
export const PLAIN = { contents: [{ parts: [{ text: "Hello" }] }] };

/** What replies of a batch are rendered with. */
export const CONTEXT: RenderContext = {
	id: "abc1",
	createdSeconds: 0,
	model: "demo",
	systemFingerprint: "fp_1",
	includeCachedTokens: false,
};

const OPTIONS = { allowStream: false, defaultModel: "demo" };

/** The translation of a plain request with these fields; faults are thrown in words. */
export function translate(fields: object) {
	const parsed = parseGenerateContent({ ...PLAIN, ...fields }, OPTIONS);
	if (!parsed.ok) throw new Error(parsed.error.map((fault) => fault.message).join("\n"));
	return parsed.value;
}

/** The engine's request for a plain request with these fields. */
export function generateOf(fields: object): GenerateRequest {
	const [request] = translate(fields).requests;
	if (request?.kind !== "generate") throw new Error("Not a generate request.");
	return request;
}

/** The chat of a plain request with these fields. */
export function chatOf(fields: object) {
	const { prompt } = generateOf(fields);
	if (prompt.kind !== "chat") throw new Error("Not a chat.");
	return prompt;
}

/** The faults of a plain request with these fields. */
export function faultsOf(fields: object, defaultModel: string | null = "demo"): readonly RequestFault[] {
	const parsed = parseGenerateContent({ ...PLAIN, ...fields }, { ...OPTIONS, defaultModel });
	return parsed.ok ? [] : parsed.error;
}

/** An answer with these parts. */
export function choiceOf(fields: Partial<Choice>): Choice {
	return {
		...{ text: "", reasoning: null, toolCalls: [], finishReason: "stop", stopText: null, logprobs: null },
		...fields,
	};
}

/** What the engine gives for answers. */
export function resultOf(choices: readonly Choice[], fields: Partial<GenerateResult> = {}): GenerateResult {
	return {
		kind: "generate",
		choices,
		promptTokens: 10,
		cachedTokens: 4,
		completionTokens: 7,
		reasoningTokens: 0,
		timings: { queuedMs: 1, prefillMs: 2, decodeMs: 3 },
		...fields,
	};
}
