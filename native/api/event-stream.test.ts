import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEventStream, type EventStream, eventStreamLimits } from "./event-stream.ts";

const heard: string[] = [];
let stream: EventStream;
let reader: ReadableStreamDefaultReader<Uint8Array>;

beforeEach(() => {
	vi.useFakeTimers();
	heard.length = 0;
	stream = createEventStream({
		limits: { ...eventStreamLimits, pendingBytes: 1_000 },
		onCancel: () => heard.push("cancel"),
		onOverflow: () => heard.push("overflow"),
	});
	reader = stream.body.getReader();
});
afterEach(() => {
	vi.useRealTimers();
});

async function read(): Promise<string | null> {
	const { done, value } = await reader.read();
	return done ? null : Buffer.from(value).toString();
}

test("frames events as the standard has it", async () => {
	stream.write([
		{ event: null, data: { text: "a\nb" } },
		{ event: "ping", data: "[DONE]" },
	]);
	expect(await read()).toBe('data: {"text":"a\\nb"}\n\nevent: ping\ndata: [DONE]\n\n');
});

test("what waits is handed over at once, and the end comes with the last piece", async () => {
	stream.write([{ event: null, data: "1" }]);
	stream.write([{ event: null, data: "2" }]);
	const ended = stream.end([{ event: null, data: "3" }]);
	expect(await read()).toBe("data: 1\n\ndata: 2\n\ndata: 3\n\n");
	expect(await read()).toBeNull();
	await ended;
	expect(heard).toEqual([]);
});

test("much that waits is handed over piece by piece", async () => {
	const wide = createEventStream({ limits: eventStreamLimits, onCancel() {}, onOverflow() {} });
	for (let count = 0; count < 100; count++) wide.write([{ event: null, data: "x".repeat(10_000) }]);
	void wide.end([]);
	const sizes: number[] = [];
	for await (const piece of wide.body) sizes.push(piece.byteLength);
	expect(sizes.reduce((sum, size) => sum + size)).toBe(100 * 10_008);
	expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
});

test("a reader that waits is woken", async () => {
	const first = read();
	await vi.advanceTimersByTimeAsync(1_000);
	stream.write([{ event: null, data: "1" }]);
	expect(await first).toBe("data: 1\n\n");
	const second = read();
	await stream.end([]);
	expect(await second).toBeNull();
});

test("silence is filled every 15 seconds, and only silence", async () => {
	const first = read();
	await vi.advanceTimersByTimeAsync(14_999);
	stream.write([{ event: null, data: "1" }]);
	expect(await first).toBe("data: 1\n\n");
	const second = read();
	await vi.advanceTimersByTimeAsync(14_999);
	stream.write([]);
	await vi.advanceTimersByTimeAsync(1);
	expect(await second).toBe(": keep-alive\n\n");
	await vi.advanceTimersByTimeAsync(60_000);
	expect(await read()).toBe(": keep-alive\n\n");
});

test("a client that does not read is given up, and hears why when it reads on", async () => {
	for (let count = 0; count < 100; count++) stream.write([{ event: null, data: "x".repeat(100) }]);
	expect(heard).toEqual(["overflow"]);
	void stream.end([{ event: null, data: "unread" }]);
	expect(await read()).toBe("data: unread\n\n");
	expect(await read()).toBeNull();
});

test("one piece that is too much for a waiting reader does not leave it waiting for ever", async () => {
	const first = read();
	await vi.advanceTimersByTimeAsync(0);
	stream.write([{ event: null, data: "x".repeat(2_000) }]);
	await vi.advanceTimersByTimeAsync(0);
	void stream.end([{ event: null, data: "unread" }]);
	expect(await first).toBe("data: unread\n\n");
});

test("a client that goes is told once, and what comes after is dropped", async () => {
	await reader.cancel();
	stream.write([{ event: null, data: "1" }]);
	await stream.end([{ event: null, data: "2" }]);
	expect(heard).toEqual(["cancel"]);
	expect(vi.getTimerCount()).toBe(0);
});

test("an end that nobody reads is over after a while, and no timer stays", async () => {
	let isOver = false;
	const ended = stream.end([{ event: null, data: "1" }]).then(() => {
		isOver = true;
	});
	await vi.advanceTimersByTimeAsync(4_999);
	expect(isOver).toBe(false);
	await vi.advanceTimersByTimeAsync(1);
	await ended;
	expect(vi.getTimerCount()).toBe(0);
	expect(await read()).toBe("data: 1\n\n");
});
