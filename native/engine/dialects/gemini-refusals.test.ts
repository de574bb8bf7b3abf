import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUnsupported } from "./dialect.ts";
import { parseGenerateContent } from "./gemini-generate.ts";
import { faultsOf, PLAIN } from "./gemini-testing.ts";

const weather = { name: "get_weather", parameters: { type: "OBJECT", properties: { city: { type: "STRING" } } } };

describe("a generateContent request that can't be run", () => {
	const say = (...parts: readonly object[]) => ({ contents: [{ parts }] });
	const tools = [{ functionDeclarations: [weather] }];
	const choose = (functionCallingConfig: object) => ({ tools, toolConfig: { functionCallingConfig } });
	const image = { mimeType: "image/png", data: "aGk=" };

	test.each<[object, string]>([
		[{ contents: [] }, "Invalid 'contents': expected at least 1 item, but got 0."],
		[{ contents: undefined }, "Missing required parameter: 'contents'. Give it as an array."],
		[
			{ contents: [{ role: "user" }] },
			"Missing required parameter: 'contents[0].parts'. Give it as an array with at least one part.",
		],
		[
			{ contents: [{ role: "assistant", parts: [{ text: "x" }] }] },
			"Invalid value for 'contents[0].role': 'assistant'. Supported values are: 'user', 'model', 'function'.",
		],
		[say({ text: 5 }), "Invalid type for 'contents[0].parts[0].text': expected a string, but got a number instead."],
		[say({}), "Missing required parameter: 'contents[0].parts[0].text'. Give it as a string."],
		[
			{ generation_config: { max_output_tokens: 0 } },
			"Invalid 'generation_config.max_output_tokens': expected a value >= 1, but got 0 instead.",
		],
		[
			{ generationConfig: { max_output_tokens: "9" } },
			"Invalid type for 'generationConfig.max_output_tokens': expected a number, but got a string instead.",
		],
		[
			{ generation_config: { logprobs: 2 } },
			"'generation_config.logprobs' needs 'generation_config.response_logprobs' to be true. Set it, or leave 'generation_config.logprobs' out.",
		],
		[
			{ generation_config: { response_mime_type: "text/plain", response_schema: { type: "STRING" } } },
			"'generation_config.response_schema' needs 'generation_config.response_mime_type' to be 'application/json', but it is 'text/plain'. Set it, or leave the schema out.",
		],
		[
			{ generationConfig: { responseMimeType: "text/x.enum" } },
			"'generationConfig.responseMimeType' is 'text/x.enum', but there is no 'generationConfig.responseSchema' with an 'enum' to choose from. Add it.",
		],
		[
			{ generationConfig: { responseSchema: { type: "STRING" }, responseJsonSchema: { type: "string" } } },
			"'generationConfig.responseJsonSchema' can't be given beside 'generationConfig.responseSchema'. Leave one of them out.",
		],
		[
			{ generationConfig: {}, generation_config: {} },
			"'generationConfig' is given twice, in camelCase and in snake_case. Leave one of them out.",
		],
		[
			choose({ mode: "ANY", allowed_function_names: ["nope"] }),
			"Invalid value for 'toolConfig.functionCallingConfig.allowed_function_names[0]': there is no tool 'nope'. The tools are: 'get_weather'.",
		],
		[
			choose({ mode: "AUTO", allowedFunctionNames: ["get_weather"] }),
			"'toolConfig.functionCallingConfig.allowedFunctionNames' needs 'toolConfig.functionCallingConfig.mode' to be 'ANY'. Set it, or leave the names out.",
		],
		[
			{ toolConfig: { functionCallingConfig: { mode: "ANY" } } },
			"'toolConfig.functionCallingConfig.mode' asks for a call, but 'tools' declares no function. Declare one, or leave the mode out.",
		],
		[
			choose({ mode: "SOMETIMES" }),
			"Invalid value for 'toolConfig.functionCallingConfig.mode': 'SOMETIMES'. Supported values are: 'MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'.",
		],
		[
			{ model: "models/" },
			"Invalid value for 'model': 'models/' has no name behind the slash. Give it as 'models/name' or 'name'.",
		],
	])("%j is told what, where and how to mend it", (fields, message) => {
		const [first, ...rest] = faultsOf(fields);
		expect(first?.message).toBe(message);
		expect(rest).toEqual([]);
		expect(first && isUnsupported(first), "its sender can mend it").toBe(false);
	});

	test.each<[object, string, RegExp]>([
		[say({ text: "Look" }, { inlineData: image }), "contents[0].parts[1].inlineData", /text only/],
		[say({ file_data: { file_uri: "gs://b/x.pdf" } }), "contents[0].parts[0].file_data", /text only/],
		[say({ newKind: {} }), "contents[0].parts[0].newKind", /text only/],
		[
			say({ functionResponse: { name: "f", parts: [{ inlineData: image }] } }),
			"contents[0].parts[0].functionResponse.parts",
			/text only/,
		],
		[say({ function_call: { name: "f" } }), "contents[0].parts[0].function_call", /role 'user' can hold 'text' and/],
		[
			{ contents: [...PLAIN.contents, { role: "model", parts: [{ executableCode: {} }] }, ...PLAIN.contents] },
			"contents[1].parts[0].executableCode",
			/text only/,
		],
		[
			{ system_instruction: { parts: [{ inline_data: image }] } },
			"system_instruction.parts[0].inline_data",
			/text only/,
		],
		[
			{ tools: [{ googleSearch: {} }] },
			"tools[0].googleSearch",
			/^Unsupported 'tools\[0\]\.googleSearch'\. Tools that Google/,
		],
		[
			{ tools: [{ google_search: {}, function_declarations: [weather] }] },
			"tools[0].google_search",
			/in 'tools\[0\]\.function_declarations'/,
		],
		[choose({ mode: "VALIDATED" }), "toolConfig.functionCallingConfig.mode", /use 'ANY', or 'AUTO'/],
		[{ cached_content: "cachedContents/x" }, "cached_content", /put it into 'contents'/],
		[{ generationConfig: { responseMimeType: "image/png" } }, "generationConfig.responseMimeType", /'image\/png'/],
		[
			{ generationConfig: { responseModalities: ["TEXT", "AUDIO"] } },
			"generationConfig.responseModalities[1]",
			/write text only/,
		],
		[
			{ contents: [...PLAIN.contents, { role: "model", parts: [{ text: "{" }] }] },
			"contents[1].role",
			/last of 'contents' must be the user's/,
		],
	])("%j is sound, but can't be done here: its line alone fails", (fields, param, message) => {
		const [first, ...rest] = faultsOf(fields);
		expect(first).toMatchObject({ param, message: expect.stringMatching(message) });
		expect(first?.message).toContain(`'${param}'`);
		expect(rest).toEqual([]);
		expect(first && isUnsupported(first)).toBe(true);
	});

	test("is told every fault at once", () => {
		const faults = faultsOf({
			generation_config: { temperature: "hot", topK: {} },
			tools: [{ code_execution: {} }],
			cachedContent: "x",
			model: 5,
		});
		expect(faults.map((fault) => fault.param)).toEqual([
			"model",
			"generation_config.temperature",
			"generation_config.topK",
			"cachedContent",
			"tools[0].code_execution",
		]);
	});

	test("because no model is named is told where one can be named", () => {
		expect(faultsOf({}, null)).toEqual([
			{
				message:
					"Missing required parameter: 'model'. Gemini has it in the url, which a file does not have: choose a model for the whole batch or a default for all requests that name none, or add 'model' as a string.",
				param: "model",
				code: "missing_required_parameter",
			},
		]);
		expect(faultsOf({ model: "models/x" }, null)).toEqual([]);
	});

	test("because it is a line of an embedding batch is told so", () => {
		const body = { content: { parts: [{ text: "x" }] }, task_type: "RETRIEVAL_DOCUMENT" };
		const parsed = parseGenerateContent(body, { allowStream: false, defaultModel: null });
		expect(parsed).toMatchObject({ ok: false, error: [{ param: "content", code: "unsupported_parameter" }] });
		expect(!parsed.ok && parsed.error).toHaveLength(1);
		expect(faultsOf({ content: "x" }), "an unknown key beside contents").toEqual([]);
	});

	test("of any shape has faults and never throws", () => {
		const key = fc.constantFrom(
			...["contents", "parts", "text", "role", "functionCall", "function_response", "name", "args", "tools"],
			...["generationConfig", "response_schema", "type", "properties", "nullable", "enum", "functionDeclarations"],
		);
		const word = fc.constantFrom("user", "model", "OBJECT", "STRING", "ANY", "application/json", "text/x.enum");
		const { json } = fc.letrec((tie) => ({
			json: fc.oneof(
				{ depthSize: "small" },
				word,
				fc.jsonValue(),
				fc.dictionary(key, tie("json")),
				fc.array(tie("json")),
			),
		}));
		fc.assert(
			fc.property(fc.dictionary(key, json), (body) => {
				for (const base of [body, { ...PLAIN, ...body }]) {
					const parsed = parseGenerateContent(base, { allowStream: false, defaultModel: "demo" });
					expect(parsed.ok || parsed.error.every((fault) => fault.message.length > 0)).toBe(true);
				}
			}),
			{ numRuns: 300 },
		);
	});
});
