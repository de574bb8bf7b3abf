import { expect, test } from "vitest";
import type { Message } from "../../core/messages.ts";
import { countThatFit, type WireMessage, type WireOperation, wireMessageSchema } from "./core-messages.ts";
import { parseFrame, readFrame } from "./frames.ts";
import { MOST_FRAME_BYTES } from "./limits.ts";

const device = "A".repeat(52);
const epoch = { term: 3, rank: -1, device };
const lines = [
	[0, 5],
	[7, 1],
] as const;
const slice = { leaseId: `3.${device}/7`.replace("/", "."), batchId: "batch_0123", lines };

/** Every message of the core but operations, which are the ledger's on the wire. */
const messages: readonly Exclude<Message, { readonly kind: "operations" }>[] = [
	{
		kind: "hello",
		incarnation: "i1",
		epoch,
		hosting: null,
		witnessed: { epoch, ageMs: 12.5 },
		durable: { one: 1, "0123456789abcdef": 70_000 },
		handicap: 2,
		slices: [slice],
	},
	{
		kind: "hello",
		incarnation: "i1",
		epoch: null,
		hosting: epoch,
		witnessed: null,
		durable: {},
		handicap: 0,
		slices: [],
	},
	{ kind: "want", models: ["qwen2.5:0.5b", "a/b c"], linesPerSecond: 0.25, holding: ["l1"], finished: [] },
	{ kind: "grant", epoch, ...slice },
	{ kind: "shrink", leaseId: "l1", lines },
	{ kind: "release", leaseId: "l1" },
	{ kind: "yield", epoch },
	{ kind: "goodbye" },
];

const operation: WireOperation = {
	origin: "0123",
	sequence: 1,
	previous: "0".repeat(64),
	hash: "a".repeat(64),
	kind: "of-a-later-version",
	version: 9,
	body: '{"x":"ü"}',
	atMs: 1_700_000_000_000.5,
};

const through = (message: unknown) => parseFrame(JSON.stringify({ kind: "core", message }));

test("every message of the core comes through as it was", () => {
	const all: readonly WireMessage[] = [...messages, { kind: "operations", operations: [operation] }];
	for (const message of all) {
		expect(through(message)).toEqual({ kind: "frame", frame: { kind: "core", message } });
	}
	expect(new Set(all.map(({ kind }) => kind))).toEqual(
		new Set(wireMessageSchema.options.map((option) => option.unwrap().shape.kind.value)),
	);
});

test("what a member could do harm with is refused", () => {
	const [hello] = messages;
	const many = Array.from({ length: 6_000 }, (_, at) => [at * 2, 1]);
	const durable = Object.fromEntries(Array.from({ length: 1_025 }, (_, at) => [`log${at}`, 1]));
	for (const message of [
		{ ...hello, durable },
		{ ...hello, durable: { log: -1 } },
		{ ...hello, durable: { log: 1.5 } },
		{ ...hello, durable: { log: 1e300 } },
		{ ...hello, epoch: { ...epoch, term: -1 } },
		{ ...hello, epoch: { ...epoch, device: "somebody" } },
		{ ...hello, witnessed: { epoch, ageMs: -1 } },
		{ ...hello, slices: Array(17).fill(slice) },
		{ kind: "shrink", leaseId: "l1", lines: many },
		// A loop over these would not end.
		{ kind: "shrink", leaseId: "l1", lines: [[0, Number.MAX_SAFE_INTEGER]] },
		{
			kind: "shrink",
			leaseId: "l1",
			lines: [
				[5, 1],
				[0, 1],
			],
		},
		{
			kind: "shrink",
			leaseId: "l1",
			lines: [
				[0, 2],
				[1, 2],
			],
		},
		{ kind: "shrink", leaseId: "l1", lines: [[0, 0]] },
		{ kind: "shrink", leaseId: "l1", lines: [[0]] },
		{ kind: "release", leaseId: "x".repeat(129) },
		{ kind: "release", leaseId: "../x" },
		{ kind: "operations", operations: Array(257).fill(operation) },
		{ kind: "operations", operations: [{ ...operation, sequence: 0 }] },
		{ kind: "operations", operations: [{ ...operation, hash: "A".repeat(64) }] },
		{ kind: "want", models: Array(257).fill("m"), linesPerSecond: 1, holding: [], finished: [] },
	]) {
		expect(through(message)).toEqual({ kind: "malformed" });
	}
});

test("a name that means something to JavaScript is a name like others", () => {
	const hello = JSON.stringify(messages[1]).replace('"durable":{}', '"durable":{"__proto__":5,"constructor":6}');
	const read = parseFrame(`{"kind":"core","message":${hello}}`);
	expect(read).toMatchObject({ kind: "frame", frame: { message: { durable: { constructor: 6 } } } });
});

test("the other frames come through, without what they don't have", () => {
	const about = {
		version: "1.0.0",
		platform: "linux",
		gpus: ["GPU"],
		memory_bytes: 5,
		activity: "idle",
		words: "idle",
		lines_per_second: null,
		models: [{ name: "m", digest: "sha256:1" }],
	};
	for (const frame of [
		{ kind: "about", about, hosting: "preferred", why: "silence", origin: "a-log" },
		{ kind: "about", about, hosting: "allowed", why: null, origin: null },
		{ kind: "wish", host: device },
		{ kind: "addresses", addresses: [{ deviceId: device, host: "fe80::1%eth0", port: 22_022 }] },
		{ kind: "members", records: [{ any: "thing" }] },
		{ kind: "keep", id: "k1", digests: [{ digest: "a".repeat(64), sizeBytes: 0 }] },
		{ kind: "kept", id: "k1", result: "no-room" },
		{ kind: "linked", devices: [device] },
		{ kind: "relay", to: device, from: device, frame: { kind: "later", x: [null] } },
	]) {
		expect(readFrame({ ...frame, later: 1 })).toEqual({ kind: "frame", frame });
	}
	for (const frame of [
		{ kind: "about", about: { ...about, words: "x".repeat(513) }, hosting: "allowed" },
		{ kind: "about", about, hosting: "always" },
		{ kind: "addresses", addresses: [{ deviceId: device, host: "a b", port: 1 }] },
		{ kind: "addresses", addresses: [{ deviceId: device, host: "a", port: 0 }] },
		{ kind: "addresses", addresses: Array(257).fill({ deviceId: device, host: "a", port: 1 }) },
		{ kind: "keep", id: "k1", digests: [{ digest: "../../x", sizeBytes: 0 }] },
		{ kind: "linked", devices: Array(65).fill(device) },
		{ kind: "relay", to: "somebody", from: device, frame: {} },
	]) {
		expect(readFrame(frame)).toEqual({ kind: "malformed" });
	}
});

test("so many operations go into a frame as fit, and no more than a frame has", () => {
	const large = { ...operation, body: "ü".repeat(100_000) };
	expect(countThatFit(Array(20).fill(large))).toBe(5);
	const frame = (count: number) => ({
		kind: "core",
		message: { kind: "operations", operations: Array(count).fill(large) },
	});
	expect(Buffer.byteLength(JSON.stringify(frame(5)))).toBeLessThanOrEqual(MOST_FRAME_BYTES);
	expect(Buffer.byteLength(JSON.stringify(frame(6)))).toBeGreaterThan(MOST_FRAME_BYTES);
	expect(countThatFit(Array(300).fill(operation))).toBe(256);
	expect(countThatFit(Array(3).fill(operation))).toBe(3);
	expect(countThatFit([{ ...operation, body: "x".repeat(2_000_000) }, operation])).toBe(1);
	expect(countThatFit([])).toBe(0);
});
