/** Gemini's generateContent: the request. */
import { err, type Result } from "../../base/base.ts";
import {
	type GenerateContentRequest,
	type GenerateContentResponse,
	generateContentRequestSchema,
} from "../../contract/contract.ts";
import { readBody, type Salvage } from "./check-body.ts";
import { refuseModalities, thinkingVariables, translateAnswerShape, translateLogprobs } from "./gemini-config.ts";
import { translateContents } from "./gemini-content.ts";
import { inOneSpelling } from "./gemini-keys.ts";
import { geminiModelName } from "./gemini-model.ts";
import { renderGenerateContent } from "./gemini-render.ts";
import { translateGeminiTools } from "./gemini-tools.ts";
import { formatPath } from "./issues.ts";
import { translateSampling } from "./sampling.ts";
import type { ParseOptions, RequestFault, RequestFaults, Translation } from "./translation.ts";

const SALVAGE: Salvage = {
	placeholders: { model: "-", contents: [{ parts: [{ text: "-" }] }] },
	companions: { tools: ["toolConfig"] },
};

/** Reads the body of a generateContent request. */
export function parseGenerateContent(
	body: unknown,
	options: ParseOptions,
): Result<Translation<GenerateContentResponse>, RequestFaults> {
	if (asksForEmbedding(body)) return err([EMBEDDING]);
	const spelled = inOneSpelling(body);
	const translate = (request: GenerateContentRequest, given: ParseOptions, faults: RequestFault[]) => {
		faults.push(...spelled.faults);
		return translateGenerateContent(request, given, faults);
	};
	const reader = { schema: generateContentRequestSchema, salvage: SALVAGE, translate };
	const read = readBody(reader, spelled.body, options);
	if (read.ok) return read;
	const [first, ...rest] = read.error;
	const reword = (fault: RequestFault) => spelled.reword(isMissingModel(fault) ? MISSING_MODEL : fault);
	return err([reword(first), ...rest.map(reword)]);
}

const MISSING_MODEL: RequestFault = {
	message:
		"Missing required parameter: 'model'. Gemini has it in the url, which a file does not have: choose a model for the whole batch or a default for all requests that name none, or add 'model' as a string.",
	param: "model",
	code: "missing_required_parameter",
};

function isMissingModel({ param, code }: RequestFault): boolean {
	return param === MISSING_MODEL.param && code === MISSING_MODEL.code;
}

function translateGenerateContent(
	request: GenerateContentRequest,
	_: ParseOptions,
	faults: RequestFault[],
): Translation<GenerateContentResponse> {
	refuseOthers(request, faults);
	const config = request.generationConfig ?? {};
	const { temperature, topP, topK, seed, presencePenalty, frequencyPenalty } = config;
	const shape = translateAnswerShape(config, faults);
	const topLogprobs = translateLogprobs(config, faults);
	const variables = thinkingVariables(config.thinkingConfig);
	const reply = {
		isBareValue: shape.isBareValue,
		showsThinking: config.thinkingConfig?.includeThoughts === true,
	};
	return {
		model: nameOf(request, faults),
		requests: [
			{
				kind: "generate",
				prompt: {
					kind: "chat",
					messages: translateContents(request, faults),
					...translateGeminiTools(request, faults),
					parallelToolCalls: true,
				},
				maxTokens: config.maxOutputTokens ?? null,
				sampling: translateSampling(
					{
						...{ temperature, seed, top_p: topP, top_k: topK },
						...{ presence_penalty: presencePenalty, frequency_penalty: frequencyPenalty },
					},
					faults,
				),
				stop: config.stopSequences ?? [],
				choices: config.candidateCount ?? 1,
				topLogprobs,
				format: shape.format,
				echo: false,
				...(variables === null ? {} : { templateVariables: variables }),
			},
		],
		stream: null,
		render: (results, context) => renderGenerateContent(results, { ...reply, context }),
	};
}

function nameOf({ model }: GenerateContentRequest, faults: RequestFault[]): string {
	const name = geminiModelName(model);
	if (name === "") {
		const message = `Invalid value for 'model': '${model}' has no name behind the slash. Give it as 'models/name' or 'name'.`;
		faults.push({ message, param: "model", code: "invalid_value" });
	}
	return name;
}

/** What would change the answer and can't be done is refused, never ignored. */
function refuseOthers(
	{ cachedContent, contents, generationConfig }: GenerateContentRequest,
	faults: RequestFault[],
): void {
	refuseModalities(generationConfig ?? {}, faults);
	if ((cachedContent ?? "") !== "") {
		faults.push({
			message:
				"Unsupported parameter: 'cachedContent'. What is kept at Google can't be read here; put it into 'contents'. Prompts that begin alike are computed once anyway.",
			param: "cachedContent",
			code: "unsupported_parameter",
		});
	}
	// A chat template closes a message it is given, so that the model would answer it instead of going on with it.
	if (contents.at(-1)?.role !== "model") return;
	const param = formatPath(["contents", contents.length - 1, "role"]);
	faults.push({
		message: `Unsupported '${param}': an answer can't be begun for the model. The last of 'contents' must be the user's, or responses of functions.`,
		param,
		code: "unsupported_value",
	});
}

const EMBEDDING: RequestFault = {
	message:
		"Unsupported parameter: 'content'. Embeddings in Gemini's format can't be made here; send them as OpenAI lines to /v1/embeddings. To have text written, give 'contents'.",
	param: "content",
	code: "unsupported_parameter",
};

/** Lines of embedding batches look alike but for one letter. */
function asksForEmbedding(body: unknown): boolean {
	return typeof body === "object" && body !== null && "content" in body && !("contents" in body);
}
