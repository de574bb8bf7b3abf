import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import type { Delta, ToolCall } from "./request.ts";
import { chat, firstChoice, GREEDY, generated, startDemoEngine } from "./testing.ts";

let engine: Engine;
beforeAll(async () => {
	engine = await startDemoEngine();
});
afterAll(() => engine.stop());

it("sends a tool call in pieces that join to the one in the result", async () => {
	const parameters = {
		type: "object",
		properties: { text: { type: "string", minLength: 12, maxLength: 24 } },
		required: ["text"],
	};
	const request = chat("", {
		prompt: {
			kind: "chat",
			messages: [{ role: "user", content: "Save it" }],
			tools: [{ name: "save", parameters }],
			toolChoice: { kind: "required" },
			parallelToolCalls: false,
		},
		sampling: { ...GREEDY, temperature: 1, seed: 7 },
		maxTokens: 120,
	});
	const deltas: Delta[] = [];
	const result = await engine.run(request, { priority: "interactive", onDelta: (delta) => deltas.push(delta) });
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	const pieces = deltas.flatMap((delta) => delta.toolCalls ?? []);
	const joined: ToolCall = {
		id: pieces[0]?.id ?? "",
		name: pieces[0]?.name ?? "",
		argumentsJson: pieces.map((piece) => piece.argumentsJson ?? "").join(""),
	};
	expect(firstChoice(generated(result.value)).toolCalls).toEqual([joined]);
	expect(pieces.length).toBeGreaterThan(5);
});
