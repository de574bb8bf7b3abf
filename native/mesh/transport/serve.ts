/** HTTP over connections of members: the upgrade to a link, and blobs. Nobody else gets as far as here. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { errorCode, type Log } from "../../base/base.ts";
import type { Connection } from "../door/door.ts";
import type { Peer } from "../identity/identity.ts";
import { MOST_HEAD_BYTES, type TransportLimits } from "./limits.ts";
import { MOST_WIRE_BYTES } from "./wire/limits.ts";
import type { Hello } from "./wire/opening.ts";

/** What is served. */
export interface ServeDeps {
	readonly limits: TransportLimits;
	readonly log: Log;
	isMember(deviceId: string): boolean;
	/** The link that a hello announced. Called before a frame of it is read. */
	onLink(socket: WebSocket, connection: Connection, hello: Hello): void;
	/** `GET` or `HEAD` of `/blobs/<digest>`. */
	onBlob(request: IncomingMessage, response: ServerResponse, digest: string, peer: Peer): Promise<void>;
}

/** HTTP without a port of its own. */
export interface Serve {
	/** Serves a connection whose first words are said: for a link where it said hello, else for blobs. */
	take(connection: Connection, hello: Hello | null): void;
	/** Closes every connection that is no link. */
	stop(): void;
}

/** A connection that is served, and the end of what it waits for. */
interface Served {
	readonly connection: Connection;
	readonly hello: Hello | null;
	deadline: NodeJS.Timeout | null;
	/** Requests that are being answered: the next may come before the last is quite over. */
	answering: number;
}

const BLOB_PATH = /^\/blobs\/([0-9a-f]{64})$/;

/** Serves nothing yet. */
export function createServe(deps: ServeDeps): Serve {
	const { limits, log } = deps;
	const served = new Map<Socket | Duplex, Served>();
	const webSockets = new WebSocketServer({
		noServer: true,
		clientTracking: false,
		perMessageDeflate: false,
		maxPayload: MOST_WIRE_BYTES,
	});
	const http = createServer({ maxHeaderSize: MOST_HEAD_BYTES, keepAliveTimeout: limits.idleMs }, answer);
	http.setTimeout(limits.stallMs);

	/** Node looks for slow heads only on servers that listen, and this one does not. */
	function limit(one: Served, withinMs: number | null): void {
		if (one.deadline !== null) clearTimeout(one.deadline);
		one.deadline = withinMs === null ? null : setTimeout(() => one.connection.socket.destroy(), withinMs);
	}

	function answer(request: IncomingMessage, response: ServerResponse): void {
		const one = served.get(request.socket);
		if (one === undefined || !deps.isMember(one.connection.peer.deviceId)) return void request.socket.destroy();
		limit(one, null);
		one.answering += 1;
		response.once("close", () => {
			one.answering -= 1;
			if (one.answering === 0 && !one.connection.socket.destroyed) limit(one, limits.idleMs);
		});
		const digest = BLOB_PATH.exec(request.url ?? "")?.[1];
		const hasBody = "transfer-encoding" in request.headers || "content-length" in request.headers;
		const isReading = request.method === "GET" || request.method === "HEAD";
		if (digest === undefined || !isReading || hasBody || one.hello !== null) {
			response.writeHead(404, { Connection: "close", "Content-Length": 0 }).end();
			return;
		}
		void deps.onBlob(request, response, digest, one.connection.peer);
	}

	http.on("upgrade", (request, socket, head) => {
		const one = served.get(socket);
		if (one === undefined || one.hello === null || request.url !== "/control" || request.method !== "GET") {
			return void socket.destroy();
		}
		const { connection, hello } = one;
		limit(one, null);
		served.delete(socket);
		if (!deps.isMember(connection.peer.deviceId)) return void socket.destroy();
		webSockets.handleUpgrade(request, socket, head, (opened) => deps.onLink(opened, connection, hello));
	});
	// A request that is none is not answered: nobody we know sends such.
	http.on("clientError", (error, socket) => {
		socket.destroy();
		log.debug({ code: errorCode(error) }, "a request of another machine was none");
	});

	return {
		take(connection, hello) {
			const { socket } = connection;
			const one: Served = { connection, hello, deadline: null, answering: 0 };
			served.set(socket, one);
			socket.once("close", () => {
				limit(one, null);
				served.delete(socket);
			});
			limit(one, limits.headMs);
			http.emit("connection", socket);
		},
		stop() {
			for (const { connection } of [...served.values()]) connection.socket.destroy();
		},
	};
}
