import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BATCH_ENDPOINTS, GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import { dialects } from "../../engine/dialects/dialect.ts";
import { isPlainRequest } from "./plain-request.ts";

describe("a plain request", () => {
	test("is never one that the dialect refuses", () => {
		const odd = fc.oneof(
			fc.constantFrom(null, undefined, "", 0, -1, 2.5, 129, 2 ** 53, Infinity, true, [], {}, ["a"]),
			fc.double(),
			fc.jsonValue({ maxDepth: 2 }),
		);
		/** Mostly what is usual, now and then anything. */
		const often = (usual: fc.Arbitrary<unknown>) =>
			fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd });
		const role = often(fc.constantFrom("user", "system", "assistant", "developer", "tool", "function"));
		const message = often(
			fc.record({ role, content: often(fc.string()), name: often(fc.string()) }, { requiredKeys: ["role", "content"] }),
		);
		const setting = fc.oneof(
			fc.tuple(
				fc.constantFrom("temperature", "top_p", "presence_penalty", "frequency_penalty"),
				often(fc.integer({ min: -30, max: 30 }).map((tenths) => tenths / 10)),
			),
			fc.tuple(fc.constantFrom("max_tokens", "max_completion_tokens", "seed", "n"), often(fc.integer())),
			fc.tuple(fc.constantFrom("stop", "user", "encoding_format", "suffix"), often(fc.string())),
			fc.tuple(fc.constantFrom("stream", "logprobs", "echo"), often(fc.boolean())),
			fc.tuple(fc.constantFrom("tools", "response_format", "__proto__", "constructor"), odd),
		);
		const inputs = fc.record(
			{
				model: often(fc.constant("m")),
				messages: often(fc.array(message, { maxLength: 3 })),
				contents: often(fc.array(message, { maxLength: 2 })),
				prompt: often(fc.string()),
				input: often(fc.string()),
			},
			{ requiredKeys: [] },
		);
		const inputKeys = {
			"/v1/chat/completions": "messages",
			"/v1/completions": "prompt",
			"/v1/embeddings": "input",
			"/v1/responses": "input",
			"/v1/messages": "messages",
			[GEMINI_GENERATE_URL]: "contents",
		};
		let plain = 0;
		fc.assert(
			fc.property(
				fc.constantFrom(...BATCH_ENDPOINTS),
				inputs,
				fc.array(setting, { maxLength: 2 }),
				fc.boolean(),
				(url, input, extra, hasDefault) => {
					const own = ["model", inputKeys[url]];
					const kept = Object.entries(input).filter(([key]) => own.includes(key));
					const body: { [key: string]: unknown } = Object.fromEntries([...kept, ...extra]);
					if (!isPlainRequest(url, body, hasDefault)) return;
					plain += 1;
					const parsed = dialects[url].parse(body, { allowStream: false, defaultModel: hasDefault ? "m" : null });
					expect(parsed.ok || parsed.error).toBe(true);
				},
			),
			{ numRuns: 5_000 },
		);
		expect(plain).toBeGreaterThan(200);
	});

	test("is what most batch files consist of", () => {
		const messages = [
			{ role: "system", content: "Be brief." },
			{ role: "user", content: "" },
		];
		expect(isPlainRequest("/v1/chat/completions", { model: "m", messages, max_tokens: 8, temperature: 0 })).toBe(true);
		expect(isPlainRequest("/v1/completions", { model: "m", prompt: "a", seed: -1, stop: "\n" })).toBe(true);
		expect(isPlainRequest("/v1/embeddings", { model: "m", input: "a" })).toBe(true);
	});
});
