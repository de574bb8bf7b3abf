/** Puts the API on a loopback port, and takes it off again without cutting anybody short who can still finish. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as setTimeoutAsync } from "node:timers/promises";
import { getRequestListener, RequestError } from "@hono/node-server";
import { errorCode, type Log, silentLog } from "../base/base.ts";
import { newRequestId, securityHeaders } from "./answer-headers.ts";
import { answerBrokenRequests, hasTooManyHeaders, refuseByHand, tooManyHeaders } from "./broken-requests.ts";
import { type ApiFault, renderFault } from "./errors.ts";

/** Where Nightshift is found unless something else sits there. */
export const defaultPort = 22007;

/** A slow disk or link may take hours for 8 GiB; silence is bounded by `ApiLimits.bodyIdleMs`, so this one can be generous. */
const requestTimeoutMs = 12 * 3_600_000;
/** Headers fit in one packet; who takes longer is not a client. */
const headersTimeoutMs = 60_000;
/** Longer than pollers pause, so that they keep their connection. */
const keepAliveTimeoutMs = 65_000;
/**
 * All headers of a request: twice Node's 16 KiB, for every program on localhost puts its cookies into the one jar of that name.
 * More is answered with 431.
 */
const headerBytes = 32 * 1024;
/** Connections at once: editors and browsers keep a few each. Far more is a program run wild, which must not eat all sockets. */
const mostConnections = 512;
/** How long a stop waits for requests that run: a page of a list or a small upload ends, a large one has to start over. */
const stopLimitMs = 5_000;

/** Anything that answers requests, such as a Hono app. */
export interface WebApp {
	fetch(request: Request, bindings: { incoming: unknown; outgoing: unknown }): Response | Promise<Response>;
}

/** Where to listen. */
export interface ServerOptions {
	/** 0 takes any free one. */
	readonly port: number;
	/** Nothing but loopback: other machines have their own door, with its own locks. */
	readonly host: "127.0.0.1";
	/** By default nothing is written. */
	readonly log?: Log;
	/** Shorter in tests. */
	readonly stopLimitMs?: number;
	/** Fewer in tests. */
	readonly mostConnections?: number;
}

/** A server that listens. */
export interface RunningServer {
	/** The port it got. */
	readonly port: number;
	/** True: the port asked for was taken, and `port` is another one. */
	readonly isFallback: boolean;
	/** e.g. `http://127.0.0.1:22007`. */
	readonly url: string;
	/** Takes no more connections, closes idle ones at once, waits a while for running requests, then cuts them. */
	stop(): Promise<void>;
}

/** Starts to listen. Takes a free port when the one asked for is in use, and says so in the log. */
export async function startServer(app: WebApp, options: ServerOptions): Promise<RunningServer> {
	const { host, log = silentLog } = options;
	const running = new Set<Promise<void>>();
	/** Connections that have asked nothing yet: browsers and fetch open some ahead, and Node doesn't take them for idle. */
	const silent = new Set<Socket>();
	const answer = getRequestListener((request, bindings) => app.fetch(request, bindings), {
		overrideGlobalObjects: false,
		errorHandler: (error) => answerUnreadable(error, log),
	});
	const server = createServer(
		{
			requestTimeout: requestTimeoutMs,
			headersTimeout: headersTimeoutMs,
			keepAliveTimeout: keepAliveTimeoutMs,
			maxHeaderSize: headerBytes,
			// Node's own answer to that has no envelope.
			requireHostHeader: false,
		},
		(incoming: IncomingMessage, outgoing: ServerResponse) => {
			silent.delete(incoming.socket);
			// While stopping, a connection that has nothing more to do has nothing to wait for.
			if (!server.listening) outgoing.setHeader("connection", "close");
			outgoing.once("close", () => server.listening || incoming.socket.destroySoon());
			if (hasTooManyHeaders(incoming)) {
				refuseByHand(incoming.socket, tooManyHeaders);
				return;
			}
			const handling = answer(incoming, outgoing).finally(() => running.delete(handling));
			running.add(handling);
		},
	);
	server.on("connection", (socket) => {
		silent.add(socket);
		socket.once("close", () => silent.delete(socket));
	});
	answerBrokenRequests(server);
	limitConnections(server, options.mostConnections ?? mostConnections, log);
	const port = await listenSomewhere(server, options.port, host, log);
	log.info({ host, port }, "listening");
	let stopping: Promise<void> | null = null;
	return {
		port,
		isFallback: options.port !== 0 && port !== options.port,
		url: `http://${host}:${port}`,
		stop() {
			stopping ??= stop(server, running, options.stopLimitMs ?? stopLimitMs);
			for (const socket of silent) socket.destroy();
			return stopping;
		},
	};
}

/** Closes connections beyond the limit as they come; the SDKs try again a moment later. */
function limitConnections(server: Server, most: number, log: Log): void {
	server.maxConnections = most;
	// Node would leave out the headers beyond its own limit without a word, and Origin might be among them.
	server.maxHeadersCount = 0;
	let isTold = false;
	server.on("drop", () => {
		if (!isTold) log.warn({ most }, "more connections than this server keeps; those beyond are closed at once");
		isTold = true;
	});
}

async function listenSomewhere(server: Server, port: number, host: string, log: Log): Promise<number> {
	try {
		return await listen(server, port, host);
	} catch (error) {
		const code = errorCode(error);
		// EACCES: Windows reserves ranges of ports for its own use.
		if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
		const freePort = await listen(server, 0, host);
		log.warn({ wantedPort: port, port: freePort }, `port ${port} is taken; listening on ${freePort} instead`);
		return freePort;
	}
}

function listen(server: Server, port: number, host: string): Promise<number> {
	const { promise, resolve, reject } = Promise.withResolvers<number>();
	server.once("error", reject);
	server.listen(port, host, () => {
		server.off("error", reject);
		resolve(portOf(server.address()));
	});
	return promise;
}

function portOf(address: AddressInfo | string | null): number {
	if (address === null || typeof address === "string") throw new Error("The server listens on no TCP port");
	return address.port;
}

async function stop(server: Server, running: ReadonlySet<Promise<void>>, limitMs: number): Promise<void> {
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	const limit = setTimeout(() => server.closeAllConnections(), limitMs);
	await closed;
	clearTimeout(limit);
	// Connections are gone; what a handler still does for one of them gets the same time again to end in order.
	const patience = new AbortController();
	await Promise.race([
		Promise.allSettled(running),
		setTimeoutAsync(limitMs, null, { signal: patience.signal, ref: false }),
	]);
	patience.abort();
}

/** Answers a request so odd that the app never saw it, such as one whose Host header is no host. */
function answerUnreadable(error: unknown, log: Log): Response {
	const isClients = error instanceof RequestError;
	if (!isClients) log.error({ error }, "a request failed before it reached the app");
	const fault: ApiFault = {
		status: isClients ? 400 : 500,
		message: isClients ? `The request can't be read: ${error.message}.` : "Something went wrong in the server.",
		param: null,
		code: isClients ? "bad_request" : "internal_error",
	};
	const headers = {
		...securityHeaders,
		connection: "close",
		"content-type": "application/json",
		"x-request-id": newRequestId(),
	};
	return new Response(JSON.stringify(renderFault(fault)), { status: fault.status, headers });
}
