import { Duplex } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { dial } from "../door/door.ts";
import { LOOPBACK, openDoor } from "../door/testing.ts";
import { PAIRING_PROTOCOL } from "../identity/identity.ts";
import { testMachine } from "../identity/testing.ts";
import { type FrameLimits, openFrames } from "./frames.ts";

const schema = z.object({ kind: z.literal("hello"), text: z.string() });
const limits: FrameLimits = { sizeBytes: 1_000, withinMs: 5_000 };
const hello = (text: string) => ({ kind: "hello", text });

/** A message on its way, header and all. */
function framed(body: string | Uint8Array, announcedBytes = Buffer.byteLength(Buffer.from(body))): Buffer {
	const header = Buffer.alloc(4);
	header.writeUInt32BE(announcedBytes);
	return Buffer.concat([header, Buffer.from(body)]);
}

/** A stream that others fill; what is written to it is kept. */
function stream() {
	const written: Buffer[] = [];
	const duplex = new Duplex({
		read() {},
		write(chunk, _encoding, done) {
			written.push(chunk);
			done();
		},
	});
	return { duplex, frames: openFrames(duplex), written };
}

test("messages come out as they went in, however the network cuts them up", async () => {
	const texts = fc.array(fc.string({ maxLength: 100 }), { maxLength: 10 });
	await fc.assert(
		fc.asyncProperty(texts, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), async (said, cuts) => {
			const sender = stream();
			for (const text of said) expect(sender.frames.write(hello(text))).toBe(true);
			const { duplex, frames } = stream();
			const bytes = Buffer.concat(sender.written);
			let at = 0;
			for (let cut = 0; at < bytes.length; cut += 1) {
				const size = cuts[cut % cuts.length] ?? 1;
				duplex.push(bytes.subarray(at, at + size));
				at += size;
			}
			duplex.push(null);
			for (const text of said) expect(await frames.read(schema, limits)).toEqual({ ok: true, value: hello(text) });
			expect(await frames.read(schema, limits)).toMatchObject({ ok: false, error: { kind: "closed" } });
		}),
	);
});

test("a message announced as too large is refused before a byte of it is taken in", async () => {
	const { duplex, frames } = stream();
	duplex.push(framed("x".repeat(2_000), 0xffff_ffff));
	expect(await frames.read(schema, limits)).toMatchObject({ ok: false, error: { kind: "too-large" } });
	expect(duplex.readableLength).toBe(2_000);
	const empty = JSON.stringify(hello("")).length;
	const another = stream();
	another.duplex.push(framed(JSON.stringify(hello("x".repeat(1_000 - empty)))));
	expect((await another.frames.read(schema, limits)).ok).toBe(true);
	const larger = stream();
	larger.duplex.push(framed(JSON.stringify(hello("x".repeat(1_001 - empty)))));
	expect(await larger.frames.read(schema, limits)).toMatchObject({ ok: false, error: { kind: "too-large" } });
});

test("what is no message of ours is refused in words that quote nothing of it", async () => {
	const bodies: (string | Uint8Array)[] = [
		"",
		"{",
		"null",
		"[]",
		'"hello"',
		'{"kind":"bye","text":""}',
		'{"kind":"hello"}',
		'{"kind":"hello","text":7}',
		"SECRET",
		`\ufeff${JSON.stringify(hello(""))}`,
		Uint8Array.of(0x22, 0xff, 0x22),
		Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22),
		"[".repeat(900),
		`{"a":${"[".repeat(400)}${"]".repeat(400)}}`,
	];
	for (const body of bodies) {
		const { duplex, frames } = stream();
		duplex.push(framed(body));
		const read = await frames.read(schema, limits);
		expect(read).toMatchObject({ ok: false, error: { kind: "malformed" } });
		expect(JSON.stringify(read)).not.toContain("SECRET");
	}
});

test("nothing a message can hold reaches beyond its schema", async () => {
	const { duplex, frames } = stream();
	duplex.push(framed('{"kind":"hello","text":"a","__proto__":{"isAdmin":true},"more":1}'));
	const read = await frames.read(schema, limits);
	expect(read).toEqual({ ok: true, value: hello("a") });
	expect(Reflect.get(read.ok ? read.value : {}, "isAdmin")).toBeUndefined();
});

test("whatever bytes come, there is an answer and never an exception", async () => {
	await fc.assert(
		fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
			const { duplex, frames } = stream();
			duplex.push(bytes);
			duplex.push(null);
			const read = await frames.read(schema, limits);
			expect(read.ok ? "" : read.error.kind).toMatch(/too-large|malformed|closed|cut-off/);
		}),
	);
});

test("an end within a message is told apart from one between two", async () => {
	for (const [bytes, kind] of [
		[Buffer.alloc(0), "closed"],
		[Buffer.alloc(3), "cut-off"],
		[framed("", 9), "cut-off"],
		[framed("{", 9), "cut-off"],
	] as const) {
		const ended = stream();
		if (bytes.length > 0) ended.duplex.push(bytes);
		ended.duplex.push(null);
		expect(await ended.frames.read(schema, limits)).toMatchObject({ ok: false, error: { kind } });
	}
	const broken = stream();
	broken.duplex.on("error", () => {});
	const read = broken.frames.read(schema, limits);
	broken.duplex.destroy(new Error("gone"));
	expect(await read).toMatchObject({ ok: false, error: { kind: "closed" } });
	expect(await broken.frames.read(schema, limits)).toMatchObject({ ok: false, error: { kind: "closed" } });
	expect(broken.frames.write(hello("a"))).toBe(false);
});

test("two can't read at once", async () => {
	const { duplex, frames } = stream();
	const first = frames.read(schema, limits);
	expect(await frames.read(schema, limits)).toMatchObject({ ok: false, error: { kind: "busy" } });
	duplex.push(framed(JSON.stringify(hello("a"))));
	expect(await first).toEqual({ ok: true, value: hello("a") });
});

test("a machine that takes nothing in is not written to without end", async () => {
	const duplex = new Duplex({ read() {}, write() {} });
	const frames = openFrames(duplex);
	let sent = 0;
	while (sent < 1_000 && frames.write(hello("x".repeat(10_000)))) sent += 1;
	expect(sent).toBeGreaterThan(100);
	expect(sent).toBeLessThan(300);
});

test("a byte now and then does not hold a connection: the time is that of the whole message", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	await using door = await openDoor(here);
	door.isPairing = true;
	const call = await dial(there, { host: LOOPBACK, port: door.port, protocol: PAIRING_PROTOCOL, deviceId: null });
	if (!call.ok) throw new Error(call.error.message);
	await expect.poll(() => door.pairing.length).toBe(1);
	const socket = door.pairing[0]?.socket;
	if (socket === undefined) throw new Error("Nobody came");
	const message = framed(JSON.stringify(hello("x".repeat(500))));
	let at = 0;
	const drip = setInterval(() => {
		call.value.socket.write(message.subarray(at, at + 1));
		at += 1;
	}, 5);
	const read = await openFrames(socket).read(schema, { sizeBytes: 1_000, withinMs: 200 });
	clearInterval(drip);
	expect(at).toBeGreaterThan(1);
	expect(read).toMatchObject({ ok: false, error: { kind: "too-slow" } });
	call.value.socket.destroy();
});

test("nothing is taken from a connection before it is asked for", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	await using door = await openDoor(here);
	door.isPairing = true;
	const call = await dial(there, { host: LOOPBACK, port: door.port, protocol: PAIRING_PROTOCOL, deviceId: null });
	if (!call.ok) throw new Error(call.error.message);
	call.value.socket.write(Buffer.alloc(8 * 1_024 * 1_024));
	await expect.poll(() => door.pairing.length).toBe(1);
	const socket = door.pairing[0]?.socket;
	if (socket === undefined) throw new Error("Nobody came");
	expect([socket.readableFlowing, socket.listenerCount("data"), socket.listenerCount("readable")]).toEqual([
		null,
		0,
		0,
	]);
	await expect.poll(() => socket.readableLength).toBeGreaterThan(0);
	expect(socket.readableLength).toBeLessThan(256 * 1_024);
	const frames = openFrames(socket);
	expect(await frames.read(schema, limits)).toMatchObject({ ok: false, error: { kind: "malformed" } });
	call.value.socket.destroy();
});
