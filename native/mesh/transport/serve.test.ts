import { beforeEach, expect, test } from "vitest";
import type { Connection } from "../door/door.ts";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import { answerTo, callNode, heardUntilEnd, helloOf, sayFirst } from "./raw-testing.ts";
import { admit, type NodeOptions, openNode, type TestNode, testBlob } from "./testing.ts";
import { PROTOCOL } from "./transport.ts";

beforeEach(forgetMachines);

/** A node, and how a member reaches what is behind its first words. */
async function servingNode(options: NodeOptions = {}) {
	const node = await openNode(options);
	const identity = await testMachine();
	await node.membership.add([admit(node.identity, identity)]);
	return {
		node,
		identity,
		/** A connection on which a request may follow. */
		async forBlobs(): Promise<Connection> {
			const connection = await callNode(identity, node.port);
			sayFirst(connection, { kind: "blobs", protocol: PROTOCOL });
			return connection;
		},
		async forLink(): Promise<Connection> {
			const connection = await callNode(identity, node.port);
			sayFirst(connection, helloOf(identity));
			await answerTo(connection);
			return connection;
		},
	};
}

function put(node: TestNode, sizeBytes: number) {
	const blob = testBlob(sizeBytes);
	node.blobs.set(blob.digest, blob.bytes);
	return blob;
}

const CLOSING = "Host: mesh\r\nConnection: close\r\n";

async function ask({ socket }: Connection, request: string) {
	const pieces: Buffer[] = [];
	socket.on("data", (piece: Buffer) => void pieces.push(piece));
	socket.write(request);
	await new Promise((resolve) => socket.once("close", resolve));
	const whole = Buffer.concat(pieces);
	const end = whole.indexOf("\r\n\r\n");
	const [first = "", ...headers] = whole.subarray(0, end).toString("latin1").toLowerCase().split("\r\n");
	return { status: Number(first.split(" ")[1]), headers, body: whole.subarray(end + 4) };
}

test("a blob is given whole, in part, or only described, and what is not there is not", async () => {
	const { node, forBlobs } = await servingNode();
	await using _ = node;
	const { digest, bytes } = put(node, 100_000);
	const get = async (range: string, method = "GET", name = digest) =>
		ask(await forBlobs(), `${method} /blobs/${name} HTTP/1.1\r\n${range}${CLOSING}\r\n`);
	const whole = await get("");
	expect([whole.status, whole.body.equals(bytes)]).toEqual([200, true]);
	expect(whole.headers).toEqual(expect.arrayContaining(["content-length: 100000", "accept-ranges: bytes"]));
	const middle = await get("Range: bytes=50000-50009\r\n");
	expect([middle.status, middle.body.equals(bytes.subarray(50_000, 50_010))]).toEqual([206, true]);
	expect(middle.headers).toContain("content-range: bytes 50000-50009/100000");
	const rest = await get("Range: bytes=99990-\r\n");
	expect([rest.status, rest.body.equals(bytes.subarray(99_990))]).toEqual([206, true]);
	const last = await get("Range: bytes=-5\r\n");
	expect([last.status, last.body.equals(bytes.subarray(99_995))]).toEqual([206, true]);
	const beyond = await get("Range: bytes=100000-\r\n");
	expect([beyond.status, beyond.headers.includes("content-range: bytes */100000")]).toEqual([416, true]);
	for (const range of [
		"Range: bytes=5-1\r\n",
		"Range: lines=0-1\r\n",
		"Range: bytes=0-1,5-9\r\n",
		"Range: bytes=-\r\n",
	]) {
		expect((await get(range)).body.length).toBe(100_000);
	}
	const head = await get("", "HEAD");
	expect([head.status, head.body.length, head.headers.includes("content-length: 100000")]).toEqual([200, 0, true]);
	expect((await get("", "GET", "0".repeat(64))).status).toBe(404);
});

test("nothing but blobs is there", async () => {
	const { node, forBlobs, forLink } = await servingNode();
	await using _ = node;
	const { digest } = put(node, 10);
	for (const request of [
		"GET / HTTP/1.1",
		"GET /control HTTP/1.1",
		`GET /blobs/${digest.toUpperCase()} HTTP/1.1`,
		"GET /blobs/../../etc/passwd HTTP/1.1",
		`PUT /blobs/${digest} HTTP/1.1`,
		`DELETE /blobs/${digest} HTTP/1.1`,
		`GET /blobs/${digest} HTTP/1.1\r\nContent-Length: 3`,
	]) {
		expect((await ask(await forBlobs(), `${request}\r\n${CLOSING}\r\n`)).status).toBe(404);
	}
	// Who said hello is there for a link.
	expect((await ask(await forLink(), `GET /blobs/${digest} HTTP/1.1\r\n${CLOSING}\r\n`)).status).toBe(404);
});

test("an upgrade is for who said hello, and to a link", async () => {
	const { node, forBlobs, forLink } = await servingNode();
	await using _ = node;
	const upgrade = (path: string) =>
		`GET ${path} HTTP/1.1\r\nHost: mesh\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${"A".repeat(22)}==\r\n\r\n`;
	for (const [connection, path] of [
		[await forBlobs(), "/control"],
		[await forLink(), "/other"],
	] as const) {
		connection.socket.write(upgrade(path));
		expect(await heardUntilEnd(connection)).toBe("");
	}
	expect(node.linked()).toEqual([]);
});

test("who sends a request's head slowly, too large, or not at all, is closed on in time", async () => {
	const { node, identity, forBlobs, forLink } = await servingNode({ limits: { headMs: 400, idleMs: 400 } });
	await using _ = node;
	const { digest } = put(node, 10);
	const slow = await forBlobs();
	slow.socket.write("GET /blobs/x HTTP/1.1\r\n");
	const dripping = setInterval(() => slow.socket.write("X-A: b\r\n"), 20);
	expect(await heardUntilEnd(slow)).toBe("");
	clearInterval(dripping);
	expect(await heardUntilEnd(await forBlobs())).toBe("");
	expect(await heardUntilEnd(await forLink())).toBe("");
	for (const said of [`GET / HTTP/1.1\r\nX-A: ${"b".repeat(9_000)}`, "\0\0\0\0", "GET / HTTP/9.9\r\n\r\n"]) {
		const connection = await forBlobs();
		connection.socket.write(said);
		expect(await heardUntilEnd(connection)).toBe("");
	}
	// And after an answer, when it could ask again.
	const kept = await forBlobs();
	kept.socket.write(`GET /blobs/${digest} HTTP/1.1\r\nHost: mesh\r\n\r\nGET /blobs/`);
	expect(await heardUntilEnd(kept)).toMatch(/^HTTP\/1.1 200 OK\r\n/);
	await expect.poll(() => node.connections.count(identity.deviceId)).toBe(0);
});

test("a request that comes before the answer to the last is over has all the time it takes", async () => {
	let isLong = false;
	const onPiece = async (atBytes: number): Promise<void> => {
		if (atBytes === 0) isLong = !isLong;
		else if (!isLong) await new Promise((resolve) => setTimeout(resolve, 50));
	};
	const { node, forBlobs } = await servingNode({ onPiece, limits: { idleMs: 200 } });
	await using _ = node;
	const { digest } = put(node, 160_000);
	const request = `GET /blobs/${digest} HTTP/1.1\r\nHost: mesh\r\n`;
	const both = await ask(await forBlobs(), `${request}\r\n${request}Connection: close\r\n\r\n`);
	expect(both.body.length).toBeGreaterThan(320_000);
});

test("who asks for a blob and does not take it in is closed on, and it is not read any further", async () => {
	const { node, identity, forBlobs } = await servingNode({ limits: { stallMs: 300 } });
	await using _ = node;
	const { digest, bytes } = put(node, 64 * 1_024 * 1_024);
	const connection = await forBlobs();
	connection.socket.pause();
	connection.socket.write(`GET /blobs/${digest} HTTP/1.1\r\nHost: mesh\r\n\r\n`);
	await expect.poll(() => node.given.sizeBytes).toBeGreaterThan(0);
	await expect.poll(() => node.connections.count(identity.deviceId)).toBe(0);
	expect(node.given.sizeBytes).toBeLessThan(bytes.length);
	connection.socket.destroy();
});

test("a member has only so many connections, and so many blobs at once", async () => {
	const waiting: (() => void)[] = [];
	const onPiece = () => new Promise<void>((resolve) => void waiting.push(resolve));
	const { node, identity, forBlobs } = await servingNode({ onPiece });
	await using _ = node;
	const { digest } = put(node, 10);
	const request = `GET /blobs/${digest} HTTP/1.1\r\n${CLOSING}\r\n`;
	const asked = [];
	for (let count = 0; count < 6; count += 1) asked.push(ask(await forBlobs(), request));
	await expect.poll(() => waiting.length).toBe(6);
	const busy = await ask(await forBlobs(), request);
	expect([busy.status, busy.headers.includes("retry-after: 1")]).toEqual([503, true]);
	for (const release of waiting) release();
	expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(6).fill(200));
	await expect.poll(() => node.connections.count(identity.deviceId)).toBe(0);
	const open = await Promise.all(Array.from({ length: 14 }, forBlobs));
	for (const { socket } of open) socket.resume();
	await expect.poll(() => open.filter(({ socket }) => socket.destroyed).length).toBe(2);
	expect(node.connections.count(identity.deviceId)).toBe(12);
	for (const { socket } of open) socket.destroy();
});
