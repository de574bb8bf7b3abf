import { expect, it } from "vitest";
import { downAction, downQuery } from "./down-page.ts";

it("every reason has a title, a text and a way to the logs", () => {
	const reasons = [
		downQuery({ kind: "starting" }),
		downQuery({ kind: "restarting", attempt: 3, delayMs: 1 }),
		downQuery({ kind: "given-up", message: "why" }),
		downQuery({ kind: "stopped" }),
		downQuery({ kind: "unreachable", message: "why" }),
		downQuery({ kind: "broken", message: "why" }),
	];
	for (const words of reasons) {
		expect(words.title).not.toBe("");
		expect(words.text).not.toBe("");
		expect(words.logs).toBe("Open logs folder");
	}
	expect(new Set(reasons.map(({ title }) => title)).size).toBe(reasons.length);
	expect(reasons.map((words) => "try-again" in words)).toEqual([false, false, true, false, true, true]);
});

it("a long message is cut, and never into something no address can hold", () => {
	const { detail = "" } = downQuery({ kind: "given-up", message: `${"a".repeat(599)}😀 and more` });
	expect(detail).toHaveLength(600);
	expect(detail.isWellFormed()).toBe(true);
});

it("only the two wishes of its links are understood", () => {
	const page = "file:///app/down.html";
	expect(downAction(`${page}?do=try-again`)).toBe("try-again");
	expect(downAction(`${page}?do=logs`)).toBe("logs");
	for (const other of ["", "?do=quit", "?do=", "#do=logs", "?title=try-again"])
		expect(downAction(page + other)).toBeNull();
	expect(downAction("nonsense")).toBeNull();
});
