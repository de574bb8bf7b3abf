/** How answers are drawn: the fields that chat and legacy completions share. */
import type { DrawnRequest } from "../../contract/contract.ts";
import type { Sampling } from "../request.ts";
import type { ParseOptions, RequestFault } from "./translation.ts";

/** Reads the sampling fields; what is not given is OpenAI's default, or off. */
export function translateSampling(request: DrawnRequest, faults: RequestFault[]): Sampling {
	return {
		temperature: request.temperature ?? 1,
		topP: request.top_p ?? 1,
		topK: Math.max(0, request.top_k ?? 0),
		minP: request.min_p ?? 0,
		seed: request.seed ?? null,
		presencePenalty: request.presence_penalty ?? 0,
		frequencyPenalty: request.frequency_penalty ?? 0,
		repeatPenalty: request.repeat_penalty ?? request.repetition_penalty ?? 1,
		logitBias: translateLogitBias(request.logit_bias ?? {}, faults),
	};
}

function translateLogitBias(
	bias: { readonly [token: string]: number },
	faults: RequestFault[],
): readonly (readonly [number, number])[] {
	return Object.entries(bias).map(([key, value]) => {
		if (!/^\d{1,9}$/.test(key)) {
			faults.push({
				message: `Invalid key in 'logit_bias': '${key}'. Keys are token ids of the model: whole numbers, written as text.`,
				param: `logit_bias.${key}`,
				code: "invalid_value",
			});
		}
		return [Number(key), value] as const;
	});
}

/** Reads `stop`, one text or several. */
export function translateStop(stop: DrawnRequest["stop"]): readonly string[] {
	if (stop === null || stop === undefined) return [];
	return typeof stop === "string" ? [stop] : stop;
}

/** Reads `stream`; a fault where nobody is there to stream to. */
export function translateStream(
	request: DrawnRequest,
	options: ParseOptions,
	faults: RequestFault[],
): { readonly includeUsage: boolean } | null {
	if (request.stream !== true) return null;
	if (!options.allowStream) {
		faults.push({
			message: "'stream' can't be true in a batch: there is nobody to stream to. Leave it out or set it to false.",
			param: "stream",
			code: "invalid_value",
		});
	}
	return { includeUsage: request.stream_options?.include_usage === true };
}
