import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { NoticeObject } from "../../native/contract/contract.ts";
import { sampleBatch, sampleEngine, sampleMachine, sampleMesh } from "../testing/sample-state.ts";
import { followEvents, type LinkEvent } from "./events.ts";

/** A server that streams what the test says, and a follower of it. */
let server: Server;
let url: string;
let connections: { readonly request: IncomingMessage; readonly response: ServerResponse }[];
let told: LinkEvent[];
let problems: string[];
let last: number;
let stop: () => void;

beforeEach(async () => {
	connections = [];
	told = [];
	problems = [];
	last = 0;
	stop = () => {};
	server = createServer((request, response) => {
		response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
		connections.push({ request, response });
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("It listens on no port.");
	url = `http://127.0.0.1:${address.port}`;
});
afterEach(() => {
	stop();
	server.closeAllConnections();
	server.close();
});

function follow(silenceMs = 60_000): void {
	stop = followEvents({
		connection: { url, token: "secret" },
		lastNotice: () => last,
		onEvent(event) {
			told.push(event);
			if (event.kind === "notice") last = event.notice.number;
		},
		onProblem: (message) => void problems.push(message),
		limits: { firstPauseMs: 10, longestPauseMs: 40, silenceMs },
	});
}

/** The so-manieth connection, from 0, when it is there. */
async function connection(number: number) {
	await expect.poll(() => connections.length).toBeGreaterThan(number);
	const found = connections[number];
	if (found === undefined) throw new Error("There is no such connection.");
	return { ...found, send: (name: string, data: unknown) => found.response.write(event(name, data)) };
}

function event(name: string, data: unknown): string {
	return `event: ${name}\ndata: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

function notice(number: number): NoticeObject {
	return { number, at: 1, kind: "completed", batch_id: "a", title: "tickets.jsonl is done", body: "" };
}

const numbers = () => told.flatMap((one) => (one.kind === "notice" ? [one.notice.number] : []));

test("asks for all topics with the token, and tells what comes, by its kind", async () => {
	follow();
	const { request, send } = await connection(0);
	expect(request.url).toBe("/api/events?topics=all");
	expect(request.headers).toMatchObject({ authorization: "Bearer secret", "last-event-id": "0" });
	const batch = sampleBatch("a");
	const events = [
		["batches", { changed: [batch], gone: [] }],
		["machine", sampleMachine()],
		["engine", sampleEngine()],
		["mesh", sampleMesh("idle", "gone")],
		["downloads", { downloads: [] }],
		["batches", { changed: [], gone: ["a"] }],
		["of-a-newer-service", {}],
		["notice", notice(3)],
	] as const;
	for (const [name, data] of events) send(name, data);
	await expect
		.poll(() => told)
		.toEqual([
			{ kind: "batches", event: { changed: [batch], gone: [] }, isFirst: true },
			{ kind: "machine", machine: sampleMachine() },
			{ kind: "engine", engine: sampleEngine() },
			{ kind: "mesh", mesh: sampleMesh("idle", "gone") },
			{ kind: "batches", event: { changed: [], gone: ["a"] }, isFirst: false },
			{ kind: "notice", notice: notice(3) },
		]);
	expect(problems).toEqual([]);
});

test("comes back to where it was when the connection breaks, and knows that it is a new one", async () => {
	last = 7;
	follow();
	const first = await connection(0);
	expect(first.request.headers["last-event-id"]).toBe("7");
	first.send("notice", notice(8));
	first.send("batches", { changed: [], gone: [] });
	await expect.poll(() => told.length).toBe(2);
	first.response.destroy();
	const second = await connection(1);
	expect(second.request.headers["last-event-id"]).toBe("8");
	second.send("batches", { changed: [], gone: [] });
	second.send("notice", notice(9));
	second.response.end();
	await connection(2);
	expect(numbers()).toEqual([8, 9]);
	expect(told.filter((one) => one.kind === "batches" && one.isFirst)).toHaveLength(2);
});

test("a silent connection is taken for dead; one that says it is alive is not", async () => {
	follow(150);
	const first = await connection(0);
	let sent = 0;
	const alive = setInterval(() => {
		sent += 1;
		first.response.write(": keep-alive\n\n");
	}, 30);
	let isClosed = false;
	first.response.once("close", () => {
		isClosed = true;
	});
	// Three times as long as it may be silent.
	await expect.poll(() => sent).toBeGreaterThan(15);
	expect([isClosed, connections.length]).toEqual([false, 1]);
	clearInterval(alive);
	await connection(1);
	expect(isClosed).toBe(true);
});

test("what can't be read is told for the log, and what comes after it is read", async () => {
	follow();
	const { send } = await connection(0);
	send("notice", "{");
	send("machine", { name: "workstation" });
	send("notice", notice(1));
	await expect.poll(numbers).toEqual([1]);
	expect(problems).toEqual([
		expect.stringContaining("(notice) could not be read"),
		expect.stringContaining("(machine) could not be read"),
	]);
});

test("a refusal is told, and tried again", async () => {
	server.removeAllListeners("request");
	let refusals = 0;
	server.on("request", (_, response) => {
		refusals += 1;
		response.writeHead(503).end();
	});
	follow();
	await expect.poll(() => refusals).toBeGreaterThan(2);
	expect(problems[0]).toBe("the service refused its events with status 503");
});

test("after the end nothing is told and the connection is gone", async () => {
	follow();
	const { response, send } = await connection(0);
	send("notice", notice(1));
	await expect.poll(numbers).toEqual([1]);
	const closed = new Promise<void>((resolve) => response.once("close", resolve));
	stop();
	send("notice", notice(2));
	await closed;
	expect(numbers()).toEqual([1]);
	expect(connections).toHaveLength(1);
});
