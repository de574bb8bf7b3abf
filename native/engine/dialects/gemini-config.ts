/** `generationConfig`: shape of the answer, log probabilities and thinking, into the engine's words. */
import type { GeminiGenerationConfig, GeminiThinking } from "../../contract/contract.ts";
import type { JsonSchema, OutputFormat } from "../request.ts";
import { toJsonSchema } from "./gemini-schema.ts";
import { jsonFormat } from "./output-format.ts";
import type { TemplateVariables } from "./template-variables.ts";
import type { RequestFault } from "./translation.ts";

/** Shape of the answer. */
export interface AnswerShape {
	readonly format: OutputFormat;
	/** The answer is one of the values of an `enum`, written without JSON's quotes (`text/x.enum`). */
	readonly isBareValue: boolean;
}

const TEXT: AnswerShape = { format: { kind: "text" }, isBareValue: false };

/** JSON without a schema may be a list here: much of what is written for Gemini asks for one in words. */
const OBJECT_OR_LIST: JsonSchema = { anyOf: [{ type: "object" }, { type: "array" }] };

/** Reads the media type and the schema. A schema without a media type asks for JSON. */
export function translateAnswerShape(config: GeminiGenerationConfig, faults: RequestFault[]): AnswerShape {
	const given = schemaOf(config, faults);
	const mimeType = config.responseMimeType ?? (given === null ? "text/plain" : "application/json");
	switch (mimeType) {
		case "":
		case "text/plain":
			if (given !== null) faults.push(refuseTextSchema(mimeType, given.param));
			return TEXT;
		case "application/json":
			return { format: jsonFormat(given?.schema ?? OBJECT_OR_LIST), isBareValue: false };
		case "text/x.enum":
			if (given !== null && Array.isArray(given.schema.enum)) {
				return { format: jsonFormat(given.schema), isBareValue: true };
			}
			faults.push({
				message:
					"'generationConfig.responseMimeType' is 'text/x.enum', but there is no 'generationConfig.responseSchema' with an 'enum' to choose from. Add it.",
				param: "generationConfig.responseMimeType",
				code: "invalid_value",
			});
			return TEXT;
		default:
			faults.push({
				message: `Unsupported 'generationConfig.responseMimeType': '${mimeType}'. Answers here can be 'text/plain', 'application/json' or 'text/x.enum'.`,
				param: "generationConfig.responseMimeType",
				code: "unsupported_value",
			});
			return TEXT;
	}
}

interface GivenSchema {
	readonly schema: Exclude<JsonSchema, boolean>;
	readonly param: string;
}

function schemaOf(config: GeminiGenerationConfig, faults: RequestFault[]): GivenSchema | null {
	const own = config.responseSchema ?? null;
	const json = config.responseJsonSchema ?? null;
	if (own !== null && json !== null) {
		faults.push({
			message:
				"'generationConfig.responseJsonSchema' can't be given beside 'generationConfig.responseSchema'. Leave one of them out.",
			param: "generationConfig.responseJsonSchema",
			code: "invalid_value",
		});
	}
	if (json !== null) return { schema: toJsonSchema(json), param: "generationConfig.responseJsonSchema" };
	return own === null ? null : { schema: toJsonSchema(own), param: "generationConfig.responseSchema" };
}

function refuseTextSchema(mimeType: string, param: string): RequestFault {
	const message = `'${param}' needs 'generationConfig.responseMimeType' to be 'application/json', but it is '${mimeType}'. Set it, or leave the schema out.`;
	return { message, param, code: "invalid_value" };
}

/** How many alternatives each token gets, or null: no log probabilities. */
export function translateLogprobs(config: GeminiGenerationConfig, faults: RequestFault[]): number | null {
	const alternatives = config.logprobs ?? 0;
	if (config.responseLogprobs === true) return alternatives;
	if (alternatives > 0) {
		faults.push({
			message:
				"'generationConfig.logprobs' needs 'generationConfig.responseLogprobs' to be true. Set it, or leave 'generationConfig.logprobs' out.",
			param: "generationConfig.logprobs",
			code: "invalid_value",
		});
	}
	return null;
}

/** Refuses answers that are not text. */
export function refuseModalities({ responseModalities }: GeminiGenerationConfig, faults: RequestFault[]): void {
	for (const [index, modality] of (responseModalities ?? []).entries()) {
		if (["TEXT", "MODALITY_UNSPECIFIED"].includes(modality.toUpperCase())) continue;
		const param = `generationConfig.responseModalities[${index}]`;
		const message = `Unsupported '${param}': '${modality}'. Models here write text only.`;
		faults.push({ message, param, code: "unsupported_value" });
	}
}

/**
 * Whether and how hard to think are up to the model's chat template, by the names that chat uses too (`template-variables.ts`). A
 * budget of -1 leaves it to the model, and so says nothing.
 */
export function thinkingVariables(thinking: GeminiThinking | null | undefined): TemplateVariables | null {
	const budget = thinking?.thinkingBudget ?? -1;
	const level = thinking?.thinkingLevel ?? "THINKING_LEVEL_UNSPECIFIED";
	const hasLevel = level !== "THINKING_LEVEL_UNSPECIFIED";
	if (budget === 0) return { enable_thinking: false };
	if (hasLevel) return { enable_thinking: true, reasoning_effort: level.toLowerCase() };
	return budget > 0 ? { enable_thinking: true } : null;
}
