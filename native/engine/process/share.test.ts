import { describe, expect, it } from "vitest";
import type { RunStart } from "../engine.ts";
import { chat, GREEDY } from "../testing.ts";
import { createSharing, shareKey } from "./share.ts";

const START = { promptTokens: 7, cachedTokens: 2 };

describe("identical requests", () => {
	it("share a key only when the same answer is certain", () => {
		const key = shareKey(chat("a"), "batch", false);
		expect(key).not.toBeNull();
		expect(shareKey(chat("a"), "batch", false)).toBe(key);
		expect(shareKey(chat("b"), "batch", false)).not.toBe(key);
		expect(shareKey(chat("a"), "batch", true)).toBeNull();
		expect(shareKey(chat("a", { sampling: { ...GREEDY, temperature: 1 } }), "batch", false)).toBeNull();
		expect(shareKey(chat("a", { sampling: { ...GREEDY, temperature: 1, seed: 1 } }), "batch", false)).not.toBeNull();
	});

	it("get one result, also those that come late or leave early", () => {
		const sharing = createSharing<string>();
		const heard: string[] = [];
		const member = (name: string) => ({
			onStart: (start: RunStart) => heard.push(`${name} started ${start.promptTokens}`),
			onEnd: (result: string) => heard.push(`${name} ${result}`),
		});
		const run = sharing.open("key");
		const leave = run.join(member("first"));
		run.start(START);
		sharing.find("key")?.join(member("second"));
		expect(leave()).toBe(false);
		run.end("done");
		expect(heard).toEqual(["first started 7", "second started 7", "second done"]);
		expect(sharing.find("key")).toBeNull();
	});

	it("are forgotten when nobody is left", () => {
		const sharing = createSharing<string>();
		const leave = sharing.open("key").join({ onStart() {}, onEnd() {} });
		expect(leave()).toBe(true);
		expect(sharing.find("key")).toBeNull();
	});
});
