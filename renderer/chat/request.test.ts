import { expect, test } from "vitest";
import { usualOptions } from "./conversation.ts";
import { bodyOf, type ChatModel, defaultModelOf, modelOf } from "./request.ts";
import { message } from "./testing.ts";

const model = (name: string, changes: Partial<ChatModel> = {}): ChatModel => ({
	name,
	is_embedding: false,
	problem: null,
	roles: [],
	...changes,
});

test("asks with the system prompt first and turns that alternate, without thoughts", () => {
	const messages = [
		message("u1", "Why?"),
		message("a1", "", { thinking: "Hm" }),
		message("u2", "Tell me."),
		message("a2", "So.", { thinking: "Hm" }),
		message("u3", "Sure?"),
	];
	const { messages: asked } = bodyOf({ options: { ...usualOptions, system: "Be brief." }, messages }, "demo");
	expect(asked).toEqual([
		{ role: "system", content: "Be brief." },
		{ role: "user", content: "Why?\n\nTell me." },
		{ role: "assistant", content: "So." },
		{ role: "user", content: "Sure?" },
	]);
});

test("sends of the options only what was chosen", () => {
	const messages = [message("u1", "Why?")];
	expect(bodyOf({ options: usualOptions, messages }, "demo")).toEqual({
		model: "demo",
		messages: [{ role: "user", content: "Why?" }],
		stream: true,
		stream_options: { include_usage: true },
	});
	const options = { ...usualOptions, temperature: 0, top_p: 0.5, max_tokens: 20 };
	expect(bodyOf({ options, messages }, "demo")).toMatchObject({
		temperature: 0,
		top_p: 0.5,
		max_completion_tokens: 20,
	});
});

test("takes the owner's model for chat, then the default, then the first that can chat", () => {
	const first = model("first");
	const usual = model("usual", { roles: ["default"] });
	const chat = model("chat", { roles: ["chat"] });
	const vectors = model("vectors", { is_embedding: true, roles: ["default"] });
	const broken = model("broken", { problem: "cut off", roles: ["chat"] });
	expect(defaultModelOf([vectors, broken, first, usual, chat])).toBe("chat");
	expect(defaultModelOf([vectors, broken, first, usual])).toBe("usual");
	expect(defaultModelOf([vectors, broken, first])).toBe("first");
	expect(defaultModelOf([vectors, broken])).toBeNull();
	expect(modelOf({ ...usualOptions, model: "elsewhere" }, [first])).toBe("elsewhere");
});
