import { once } from "node:events";
import { rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../base/base.ts";
import { fileObjectSchema } from "../contract/contract.ts";
import { startServer } from "./server.ts";
import { exchange, fileForm, startTestApi, type TestApi } from "./testing.ts";

const host = "127.0.0.1";
const boundary = "b0undary";
const filePart = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nline\n\r\n`;
const purposePart = `--${boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n`;
const formEnd = `--${boundary}--\r\n`;

/** Head of a request with a form; with a length, or else chunked. */
function formHead(length: number | null): string {
	const framing = length === null ? "transfer-encoding: chunked" : `content-length: ${length}`;
	return [
		"POST /v1/files HTTP/1.1",
		`host: ${host}`,
		"connection: close",
		`content-type: multipart/form-data; boundary=${boundary}`,
		framing,
		"\r\n",
	].join("\r\n");
}

function chunk(text: string): string {
	return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** 12 MB of lines that no other test has: more than one blob. */
function manyLines(mark: string): string {
	return `${mark.padEnd(99, "-")}\n`.repeat(120_000);
}

function bodyOf(answer: string) {
	return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4).replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, ""));
}

/** A connection that the server has taken: it has answered on it. */
async function connected(port: number) {
	const socket = connect(port, host);
	socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
	await new Promise((answered) => socket.once("data", answered));
	return socket;
}

describe("startServer", () => {
	it("takes a free port when the wanted one is taken, and says so", async () => {
		const warnings: string[] = [];
		const log = { ...silentLog, warn: (_fields: object, message: string) => void warnings.push(message) };
		const app = new Hono().get("/", (context) => context.text("here"));
		const first = await startServer(app, { port: 0, host, log });
		const second = await startServer(app, { port: first.port, host, log });
		expect(first.isFallback).toBe(false);
		expect(second.isFallback).toBe(true);
		expect(second.port).not.toBe(first.port);
		expect(warnings).toEqual([`port ${first.port} is taken; listening on ${second.port} instead`]);
		expect(await (await fetch(second.url)).text()).toBe("here");
		await Promise.all([first.stop(), second.stop()]);
	});

	it("does not wait for a connection that was opened ahead and has asked nothing", async () => {
		const app = new Hono().get("/", (context) => context.text("here"));
		// Far beyond this test: only connections that are closed let the stop end.
		const server = await startServer(app, { port: 0, host, stopLimitMs: 600_000 });
		const socket = connect(server.port, host);
		// A later one is answered, so the server knows of this one.
		await once(socket, "connect");
		expect(await (await fetch(server.url)).text()).toBe("here");
		await server.stop();
		await expect.poll(() => socket.closed).toBe(true);
	});

	it("lets a running request end when it stops, and closes what is idle at once", async () => {
		const entered = Promise.withResolvers<void>();
		const release = Promise.withResolvers<void>();
		const app = new Hono().get("/quick", (context) => context.text("quick"));
		app.get("/slow", async (context) => {
			entered.resolve();
			await release.promise;
			return context.text("done");
		});
		// Far beyond this test: only connections that close by themselves let the stop end.
		const server = await startServer(app, { port: 0, host, stopLimitMs: 600_000 });
		await (await fetch(`${server.url}/quick`)).text();
		const slow = fetch(`${server.url}/slow`);
		await entered.promise;
		const stopped = server.stop();
		release.resolve();
		expect(await (await slow).text()).toBe("done");
		await stopped;
		await expect(fetch(server.url)).rejects.toThrow();
	});

	it("cuts a request that does not end in time", async () => {
		const entered = Promise.withResolvers<void>();
		const app = new Hono().get("/", () => {
			entered.resolve();
			return new Promise<Response>(() => undefined);
		});
		const server = await startServer(app, { port: 0, host, stopLimitMs: 20 });
		const endless = expect(fetch(server.url)).rejects.toThrow();
		await entered.promise;
		await server.stop();
		await endless;
	});

	it("leaves the globals of the process alone", async () => {
		const before = [globalThis.Request, globalThis.Response];
		const server = await startServer(new Hono(), { port: 0, host });
		expect([globalThis.Request, globalThis.Response]).toEqual(before);
		await server.stop();
	});

	it("closes connections beyond the most it keeps, and says so once", async () => {
		const warnings: string[] = [];
		const log = { ...silentLog, warn: (_fields: object, message: string) => void warnings.push(message) };
		const app = new Hono().get("/", (context) => context.text("here"));
		const server = await startServer(app, { port: 0, host, log, mostConnections: 2 });
		const kept = await Promise.all([1, 2].map(() => connected(server.port)));
		const dropped = [connect(server.port, host), connect(server.port, host)].map(
			(socket) => new Promise((closed) => socket.on("error", () => undefined).on("close", closed)),
		);
		await Promise.all(dropped);
		expect(warnings).toEqual([expect.stringContaining("more connections")]);
		for (const socket of kept) socket.destroy();
		await expect.poll(() => fetch(server.url).then((answer) => answer.text(), String)).toBe("here");
		await server.stop();
	});

	it("brings other errors of listening to light", async () => {
		await expect(startServer(new Hono(), { port: 70_000, host })).rejects.toThrow();
	});
});

describe("on a bare socket", () => {
	let api: TestApi;
	const errors: object[] = [];
	const log = { ...silentLog, error: (fields: object) => void errors.push(fields) };
	beforeAll(async () => {
		api = await startTestApi({ log, limits: { bodyIdleMs: 500 } });
	});
	afterAll(() => api.stop());

	it.each([
		["not HTTP", "hello\r\n\r\n", 400],
		["no Host header", "GET /v1/models HTTP/1.1\r\n\r\n", 400],
		["a Host that is no host", "GET /v1/models HTTP/1.1\r\nhost: a/b@c\r\nconnection: close\r\n\r\n", 400],
		["no Host in HTTP/1.0", "GET /v1/models HTTP/1.0\r\n\r\n", 400],
		["a foreign Host", "GET /v1/models HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n", 403],
		["a foreign URL", `GET http://evil.example/v1/models HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`, 403],
		["headers too large", `GET / HTTP/1.1\r\nhost: ${host}\r\nx: ${"y".repeat(50_000)}\r\n\r\n`, 431],
		[
			"a foreign Origin",
			`POST /v1/files HTTP/1.1\r\nhost: ${host}\r\norigin: http://evil.example\r\nconnection: close\r\n\r\n`,
			403,
		],
	])("answers %s with the envelope", async (_name, request, status) => {
		const answer = await exchange(api.port, request);
		expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
		expect(answer.toLowerCase()).toContain("x-request-id: req_");
		expect(bodyOf(answer).error.message).toEqual(expect.any(String));
	});

	it("takes a form with its parts in any order, with a length or chunked, in one piece or many", async () => {
		for (const form of [filePart + purposePart + formEnd, purposePart + filePart + formEnd]) {
			const whole = await exchange(api.port, formHead(form.length) + form);
			expect(bodyOf(whole)).toMatchObject({ object: "file", bytes: 5, purpose: "batch" });
			const pieces = form.match(/.{1,9}/gs) ?? [];
			const chunked = await exchange(api.port, formHead(null), ...pieces.map(chunk), "0\r\n\r\n");
			expect(bodyOf(chunked)).toMatchObject({ object: "file", bytes: 5, purpose: "batch" });
		}
	});

	it("leaves nothing of an upload that is broken off", async () => {
		const before = api.contentFiles();
		const socket = connect(api.port, host);
		// Large enough that a first blob of it is on disk before the client goes away.
		socket.write(formHead(null) + chunk(filePart + manyLines("broken off")));
		await expect.poll(() => api.contentFiles().length).toBeGreaterThan(before.length);
		socket.destroy();
		await expect.poll(() => api.contentFiles()).toEqual(before);
	});

	it("leaves nothing of a form that is cut short or badly framed", async () => {
		const before = api.contentFiles();
		for (const request of [formHead(filePart.length) + filePart, `${formHead(null)}${chunk(filePart)}zz\r\n`]) {
			expect(await exchange(api.port, request)).toMatch(/^HTTP\/1.1 400 /);
		}
		await expect.poll(() => api.contentFiles()).toEqual(before);
	});

	it("cuts a download that can't go on, so that nobody takes half a file for a whole", async () => {
		const before = new Set(api.contentFiles());
		const form = fileForm(manyLines("cut"));
		const file = fileObjectSchema.parse(
			await (await fetch(`${api.url}/v1/files`, { method: "POST", body: form })).json(),
		);
		const blobs = api.contentFiles().filter((path) => !before.has(path));
		const last = blobs.toSorted((a, b) => statSync(a).size - statSync(b).size)[0];
		if (blobs.length < 2 || last === undefined) throw new Error("The file is no more than one blob");
		rmSync(last);
		const download = await fetch(`${api.url}/v1/files/${file.id}/content`);
		expect(download.status).toBe(200);
		await expect(download.arrayBuffer()).rejects.toThrow();
		expect(errors).toEqual([
			expect.objectContaining({ fileId: file.id, requestId: download.headers.get("x-request-id") }),
		]);
	});

	it("gives up on a body that falls silent, and leaves nothing of it", async () => {
		const before = api.contentFiles();
		const answer = await exchange(api.port, formHead(null), chunk(filePart));
		expect(answer).toMatch(/^HTTP\/1.1 408 /);
		expect(api.contentFiles()).toEqual(before);
	});

	it("answers a huge JSON body before it is all there", async () => {
		const head = `POST /v1/batches HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n`;
		const announced = await exchange(api.port, `${head}content-length: 5000000000\r\n\r\n{`);
		expect(announced).toMatch(/^HTTP\/1.1 413 /);
		const streamed = await exchange(
			api.port,
			`${head}transfer-encoding: chunked\r\n\r\n`,
			chunk(" ".repeat(1_100_000)),
		);
		expect(streamed).toMatch(/^HTTP\/1.1 413 /);
	});

	it("refuses a wrong form early, and the client hears why though it is still sending", async () => {
		const answer = await exchange(
			api.port,
			formHead(50_000_000),
			purposePart + purposePart + filePart,
			"x".repeat(1_000_000),
			"x".repeat(1_000_000),
		);
		expect(answer).toMatch(/^HTTP\/1.1 400 /);
	});
});
