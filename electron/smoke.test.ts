import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BatchDetails, FileObject } from "../native/contract/contract.ts";
import { runSmoke } from "./smoke.ts";
import { createFakeLink, type FakeLink } from "./testing/fake-link.ts";
import { batchesOf, sampleBatch, settingsWith } from "./testing/sample-state.ts";

// How it goes well is in app.test.ts, with the real service. Here is how it fails.

const exampleBatch = fileURLToPath(new URL("../assets/examples/tickets.jsonl", import.meta.url));

let link: FakeLink;
let printed: string[];
let page: PromiseWithResolvers<void>;
/** The files the service was given, as they were then. */
let given: string[];

beforeEach(() => {
	vi.useFakeTimers();
	link = createFakeLink();
	printed = [];
	given = [];
	page = Promise.withResolvers();
	link.answer("PATCH /api/settings", () => settingsWith());
	link.answer("POST /api/files/by-path", ({ body }) => {
		const { path } = Object(body);
		given.push(readFileSync(path, "utf8"));
		return file;
	});
	link.answer("POST /api/batches", () => sampleBatch("smoke"));
});
afterEach(() => void vi.useRealTimers());

const file: FileObject = {
	...{ id: "file_1", object: "file", bytes: 1, created_at: 1, filename: "smoke.jsonl", purpose: "batch" },
	...{ status: "processed", status_details: null, expires_at: null },
};

/** Begins; answers how it ended, in words. */
function begin(): Promise<string> {
	return runSmoke({ link, showPage: () => page.promise, exampleBatch, print: (line) => void printed.push(line) }).then(
		() => "well",
		(error: Error) => error.message,
	);
}

const up = () => link.become({ service: { kind: "up", url: "http://127.0.0.1:1", version: "1" } });
const settle = () => vi.advanceTimersByTimeAsync(1);

function endAs(change: Partial<BatchDetails>, completed = 20): void {
	link.become({ batches: batchesOf(sampleBatch("smoke", change, { total: 20, completed })) });
}

test("goes through its parts in turn, with twenty lines of the example, and leaves other batches alone", async () => {
	const end = begin();
	up();
	await settle();
	page.resolve();
	await settle();
	expect(given.map((text) => text.trim().split("\n").length)).toEqual([20]);
	link.become({ batches: batchesOf(sampleBatch("another", { status: "failed" })) });
	await settle();
	expect(printed).toEqual(["the service is up", "the page is loaded"]);
	endAs({ status: "completed" });
	expect(await end).toBe("well");
	expect(printed.at(-1)).toBe("20 lines are answered");
});

test("a service that does not come up is waited for a minute and no longer", async () => {
	const end = begin();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(await end).toBe("the service is up: not within 60 s");
	expect(printed).toEqual([]);
});

test("a page that is not loaded ends it", async () => {
	const end = begin();
	up();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(await end).toBe("the page is loaded: not within 60 s");
});

test("what the service refuses is told by what was asked and in its words", async () => {
	const { call } = link;
	link.call = (question) =>
		question.path === "/api/batches"
			? Promise.resolve({ ok: false, error: { kind: "refused", message: "The disk is full.", status: 507 } })
			: call(question);
	page.resolve();
	up();
	expect(await begin()).toBe("POST /api/batches: The disk is full.");
});

test.each([
	["failed", 0, "the batch ended as failed with 0 of 20 lines answered"],
	["expired", 3, "the batch ended as expired with 3 of 20 lines answered"],
	["completed", 19, "the batch ended as completed with 19 of 20 lines answered"],
] as const)("a batch that ends as %s with %i answers is told", async (status, completed, words) => {
	page.resolve();
	up();
	const end = begin();
	await settle();
	endAs({ status }, completed);
	expect(await end).toBe(words);
});

test("a batch that never ends ends it", async () => {
	page.resolve();
	up();
	const end = begin();
	await vi.advanceTimersByTimeAsync(60_001);
	expect(await end).toBe("the batch has ended: not within 60 s");
});
