import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ok, silentLog } from "../../base/base.ts";
import type { NodeStart, ToNode } from "../node/messages.ts";
import { createNodeLife } from "./node-life.ts";
import type { NodeLink, NodeListener } from "./node-link.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const START: NodeStart = {
	paths: { identity: "", members: "", addresses: "", epochs: "", blobs: "" },
	expectedId: null,
	origin: "o",
	name: "n",
	port: 0,
	hosting: "allowed",
	protection: "auto",
	publishAt: "available",
	version: "1",
	logPath: "",
	logLevel: "error",
};

/** Threads that do nothing by themselves. */
function setUp() {
	const threads: { readonly listener: NodeListener; readonly posted: ToNode[]; isStopped: boolean }[] = [];
	const ended = vi.fn();
	const begun = vi.fn();
	let nowMs = 0;
	const life = createNodeLife({
		log: silentLog,
		clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
		startOf: () => START,
		logs: () => [{ kind: "logs-end", places: [], dropped: { batches: [], files: [] } }],
		onBegun: begun,
		onEnded: ended,
		onMessage: () => {},
		startThread(listener): NodeLink {
			const thread = { listener, posted: [] as ToNode[], isStopped: false };
			threads.push(thread);
			return {
				post: (message) => void thread.posted.push(message),
				ask: async () => ok(null) as never,
				async stop() {
					thread.isStopped = true;
				},
			};
		},
	});
	const pass = async (ms: number): Promise<void> => {
		nowMs += ms;
		await vi.advanceTimersByTimeAsync(ms);
	};
	return { life, threads, begun, ended, pass };
}

test("a thread is told what to be and what is in the ledger, and then says who it is", async () => {
	const { life, threads, begun, pass } = setUp();
	life.start();
	await pass(0);
	expect(threads[0]?.posted.map(({ kind }) => kind)).toEqual(["start", "logs-end"]);
	const ready = life.ready();
	threads[0]?.listener.onMessage({ kind: "begun", deviceId: "d", port: 5 });
	expect(await ready).toEqual({ ok: true, value: undefined });
	expect(begun).toHaveBeenCalledWith("d");
});

test("one that ends is started again, later and later, and at once again after it ran for long", async () => {
	const { life, threads, ended, pass } = setUp();
	life.start();
	await pass(0);
	threads[0]?.listener.onExit("crash");
	expect([life.trouble, ended.mock.calls.length]).toEqual([expect.stringContaining("started again"), 1]);
	await pass(1_000);
	expect(threads).toHaveLength(2);
	threads[1]?.listener.onExit("crash");
	await pass(1_000);
	expect(threads).toHaveLength(2);
	await pass(1_000);
	expect(threads).toHaveLength(3);
	await pass(60_000);
	threads[2]?.listener.onExit("crash");
	await pass(1_000);
	expect(threads).toHaveLength(4);
});

test("one that can't begin says why to whoever waits, and is tried again", async () => {
	const { life, threads, pass } = setUp();
	life.start();
	await pass(0);
	const ready = life.ready();
	threads[0]?.listener.onMessage({ kind: "failed", message: "The identity file is damaged." });
	expect(await ready).toMatchObject({ ok: false, error: { message: "The identity file is damaged." } });
	await pass(1_000);
	expect(threads).toHaveLength(2);
	threads[1]?.listener.onMessage({ kind: "begun", deviceId: "d", port: 5 });
	expect(life.trouble).toBeNull();
});

test("one that was stopped stays so, and a question then says that it is switched off", async () => {
	const { life, threads, pass } = setUp();
	life.start();
	await pass(0);
	await life.stop();
	threads[0]?.listener.onExit("stopped");
	await pass(120_000);
	expect([threads.length, threads[0]?.isStopped]).toEqual([1, true]);
	expect(await life.ask("hide-code", null)).toMatchObject({ ok: false, error: { kind: "switched-off" } });
	expect(await life.ready()).toMatchObject({ ok: false, error: { kind: "switched-off" } });
});

test("words of a thread that was replaced count no more", async () => {
	const { life, threads, begun, pass } = setUp();
	life.start();
	await pass(0);
	life.restart();
	await pass(0);
	expect(threads).toHaveLength(2);
	threads[0]?.listener.onMessage({ kind: "begun", deviceId: "old", port: 5 });
	expect(begun).not.toHaveBeenCalled();
});
