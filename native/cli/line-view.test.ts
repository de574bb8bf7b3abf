import { expect, test } from "vitest";
import { createLineView } from "./line-view.ts";

const clock = { nowMs: () => 0, monotonicMs: () => 0 };
const text = (plain: string) => ({ lead: "> ", plain });

test("a terminal that does not know its width gets lines of the usual one, whole if they fit", () => {
	const written: string[] = [];
	const view = createLineView({ isTTY: true, columns: 0, write: (part) => written.push(part) }, clock, 1_000);
	view.update(text("short"), false);
	view.update(text("x".repeat(200)), false);
	expect(written[0]).toMatch(/> short$/);
	expect(written[1]?.replace("\r\u001b[2K", "")).toHaveLength(79);
});

test("after a note the line is drawn anew, though it says the same", () => {
	const written: string[] = [];
	const view = createLineView({ isTTY: true, columns: 80, write: (part) => written.push(part) }, clock, 1_000);
	view.update(text("same"), false);
	view.update(text("same"), false);
	view.note("by the way");
	view.update(text("same"), false);
	expect(written).toHaveLength(3);
});

test("elsewhere what weighs is printed at once, and nothing twice", () => {
	const written: string[] = [];
	const view = createLineView({ write: (part) => written.push(part) }, clock, 1_000);
	view.update(text("first"), false);
	view.update(text("too soon"), false);
	view.update(text("weighty"), true);
	view.update(text("weighty"), true);
	view.note("a note");
	view.update(text("weighty"), true);
	view.end();
	expect(written).toEqual(["first\n", "weighty\n", "a note\n"]);
});
