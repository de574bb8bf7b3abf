import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type Client, createClient } from "./client.ts";

/** A server that answers as the test says, and one question to it. */
let server: Server;
let answer: RequestListener;
let client: Client;
let isUp: boolean;
let url: string;

beforeEach(async () => {
	isUp = true;
	server = createServer((request, response) => answer(request, response));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("It listens on no port.");
	url = `http://127.0.0.1:${address.port}`;
	client = clientWithin(20_000);
});
afterEach(() => {
	server.closeAllConnections();
	server.close();
});

/** A busy computer may take long for the first answer; only who waits for the end of the time wants it short. */
function clientWithin(answerMs: number): Client {
	const limits = { answerMs, answerBytes: 1_000 };
	return createClient({ connection: () => (isUp ? { url, token: "secret" } : null), limits });
}

const answers = z.strictObject({ rung: z.string() });
const ask = () => client.call({ method: "GET", path: "/api/rest", answers });

/** Answers with a status and a body, as JSON unless it is text. */
function says(status: number, body: unknown): void {
	answer = (_, response) => void response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
	let text = "";
	for await (const piece of request) text += String(piece);
	return text;
}

test("asks with the token and the body, and answers what was answered", async () => {
	const asked: unknown[] = [];
	answer = async (request, response) => {
		const { method, url: path, headers } = request;
		asked.push([method, path, headers.authorization, headers["content-type"], await textOf(request)]);
		response.end('{"rung":"run"}');
	};
	expect(await ask()).toEqual({ ok: true, value: { rung: "run" } });
	const body = { action: "pause" };
	await client.call({ method: "POST", path: "/api/rest", body, answers });
	expect(asked).toEqual([
		["GET", "/api/rest", "Bearer secret", undefined, ""],
		["POST", "/api/rest", "Bearer secret", "application/json", '{"action":"pause"}'],
	]);
});

test("an answer without a body is null", async () => {
	says(204, "");
	expect(await client.call({ method: "DELETE", path: "/api/x", answers: z.null() })).toEqual({ ok: true, value: null });
});

test("a refusal is told in the service's words, or in ours where it has none", async () => {
	const error = { message: "The batch has ended.", type: "invalid_request_error", param: null, code: "wrong_state" };
	says(409, { error });
	expect(await ask()).toEqual({ ok: false, error: { kind: "refused", message: "The batch has ended.", status: 409 } });
	says(502, "<html>");
	const message = "Nightshift's service refused with status 502.";
	expect(await ask()).toEqual({ ok: false, error: { kind: "refused", message, status: 502 } });
});

test("an answer of another shape, no JSON, or more than is taken is unreadable", async () => {
	for (const body of [{ rung: 1 }, { rung: "run", more: true }, "run", { rung: "x".repeat(1_000) }]) {
		says(200, body);
		expect(await ask()).toMatchObject({ ok: false, error: { kind: "unreadable", status: 200 } });
	}
});

test("a service that is not up, hangs, breaks off or sends elsewhere is down, in time", async () => {
	const down = (message: string) => ({ ok: false, error: { kind: "down", message, status: null } });
	const isDown = down("Nightshift's service is not running at the moment.");
	answer = (_, response) => void response.writeHead(302, { location: `${url}/elsewhere` }).end();
	expect(await ask()).toEqual(isDown);
	answer = (_, response) => {
		response.writeHead(200, { "content-length": 100 });
		response.write("{", () => response.destroy());
	};
	expect(await ask()).toEqual(isDown);
	client = clientWithin(200);
	let asked = 0;
	answer = () => {
		asked += 1;
	};
	expect(await ask()).toEqual(down("Nightshift's service did not answer within 0.2 seconds."));
	const patient = client.call({ method: "GET", path: "/slow", answers: z.null(), limitMs: 20_000 });
	await expect.poll(() => asked).toBe(2);
	expect(await ask()).toMatchObject({ error: { kind: "down" } });
	client = clientWithin(20_000);
	server.closeAllConnections();
	expect(await patient).toEqual(isDown);
	server.close();
	expect(await ask()).toEqual(isDown);
	isUp = false;
	expect(await ask()).toEqual(isDown);
	expect(await client.pageAddress()).toEqual(isDown);
});

test("the page's address carries the code where no server and no log sees it", async () => {
	answer = (request, response) => {
		expect([request.method, request.url]).toEqual(["POST", "/api/session/codes"]);
		response.end(JSON.stringify({ code: "a+b/c", expiresAtMs: 1 }));
	};
	expect(await client.pageAddress()).toEqual({ ok: true, value: `${url}/#code=a%2Bb%2Fc` });
});
