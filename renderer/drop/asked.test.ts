import { describe, expect, it } from "vitest";
import { askedIn } from "./asked.ts";

describe("the words of a request", () => {
	it("are the last thing said and the standing instruction, in every dialect", () => {
		const turns = [
			{ role: "user", content: "first" },
			{ role: "assistant", content: "then" },
			{ role: "user", content: [{ type: "text", text: "last" }, { type: "image_url" }] },
		];
		expect(askedIn({ messages: [{ role: "system", content: "be brief" }, ...turns] })).toEqual({
			system: "be brief",
			text: "last",
		});
		expect(askedIn({ system: [{ type: "text", text: "be brief" }], messages: turns })).toEqual({
			system: "be brief",
			text: "last",
		});
		const contents = [{ role: "user", parts: [{ text: "hello" }, { text: "you" }] }];
		expect(askedIn({ systemInstruction: { parts: [{ text: "be kind" }] }, contents })).toEqual({
			system: "be kind",
			text: "hello\nyou",
		});
		expect(askedIn({ instructions: "be brief", input: "hello" })).toEqual({ system: "be brief", text: "hello" });
		expect(askedIn({ prompt: "Once upon" })).toEqual({ system: null, text: "Once upon" });
		expect(askedIn({ input: ["one", "two"] })).toEqual({ system: null, text: "one\ntwo" });
	});

	it("are none where there is no text", () => {
		expect(askedIn({})).toBeNull();
		expect(askedIn({ messages: [{ role: "user", content: [{ type: "image_url" }] }] })).toBeNull();
		expect(askedIn({ input: [[1, 2, 3]] })).toBeNull();
	});
});
