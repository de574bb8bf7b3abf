import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import type { Delta, GenerateRequest, ToolCall } from "./request.ts";
import { chat, firstChoice, GREEDY, generated, runGood, startDemoEngine } from "./testing.ts";

let engine: Engine;
beforeAll(async () => {
	engine = await startDemoEngine();
});
afterAll(() => engine.stop());

const parameters = {
	type: "object",
	properties: { text: { type: "string", minLength: 12, maxLength: 24 } },
	required: ["text"],
};

/** Asks for one call of a tool. */
function saving(what: string): GenerateRequest {
	return chat("", {
		prompt: {
			kind: "chat",
			messages: [{ role: "user", content: what }],
			tools: [{ name: "save", parameters }],
			toolChoice: { kind: "required" },
			parallelToolCalls: false,
		},
		sampling: { ...GREEDY, temperature: 1, seed: 7 },
		maxTokens: 120,
	});
}

it("sends a tool call in pieces that join to the one in the result", async () => {
	const deltas: Delta[] = [];
	const options = { priority: "interactive", onDelta: (delta: Delta) => deltas.push(delta) } as const;
	const result = await engine.run(saving("Save it"), options);
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

it("gives the calls of equal requests equal ids, and those of another request others", async () => {
	const calls: (readonly ToolCall[])[] = [];
	// One after the other, for requests that run side by side may be run as one.
	for (const what of ["Save it", "Save it", "Save that"]) {
		calls.push(firstChoice(await runGood(engine, saving(what))).toolCalls);
	}
	const [first, again, other] = calls;
	expect(first).toHaveLength(1);
	expect(again).toEqual(first);
	expect(other?.[0]?.id).not.toBe(first?.[0]?.id);
});
