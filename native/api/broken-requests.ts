/** Answers what isn't HTTP, or stops being it midway: Node hands over the bare socket, and the envelope goes there by hand. */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { newRequestId, securityHeaders } from "./answer-headers.ts";
import { type ApiFault, renderFault } from "./errors.ts";

/** Makes a server answer broken requests with the error envelope, and then close their connection. */
export function answerBrokenRequests(server: Server): void {
	/** The last answer on each connection: a second one must not be written into it. */
	const answers = new WeakMap<Duplex, ServerResponse>();
	server.prependListener("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
		answers.set(incoming.socket, outgoing);
	});
	server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
		const answer = answers.get(socket);
		const isAnswering = answer?.headersSent === true && !answer.writableFinished;
		if (error.code === "ECONNRESET" || !socket.writable || isAnswering) {
			socket.destroy();
			return;
		}
		refuseByHand(socket, describe(error.code));
	});
}

/** Headers of a request: browsers and SDKs send about 30; with a hundred more there is room for whatever sits between. */
const MOST_HEADERS = 128;

/** Tells whether a request brings more headers than any client has use for. Their bytes are bounded by the parser. */
export function hasTooManyHeaders(incoming: IncomingMessage): boolean {
	// Names and values take turns in it.
	return incoming.rawHeaders.length / 2 > MOST_HEADERS;
}

/** Says that a request brings more headers than this server looks through. */
export const tooManyHeaders: ApiFault = {
	status: 431,
	message: `A request may have at most ${MOST_HEADERS} headers.`,
	param: null,
	code: "too_many_headers",
};

/** Answers on the bare socket and closes it. */
export function refuseByHand(socket: Duplex, fault: ApiFault): void {
	socket.end(render(fault));
}

function describe(code: string | undefined): ApiFault {
	const fault = { param: null, code: "bad_request" };
	switch (code) {
		case "ERR_HTTP_REQUEST_TIMEOUT":
			return { ...fault, status: 408, message: "The request did not arrive in time.", code: "request_timeout" };
		case "HPE_HEADER_OVERFLOW":
			return { ...fault, status: 431, message: "The headers are too large: 32 KiB is the most." };
		case "HPE_INVALID_EOF_STATE":
			return {
				...fault,
				status: 400,
				message: "The connection ended before the body was complete.",
				code: "body_incomplete",
			};
		default:
			return { ...fault, status: 400, message: "This is not a well-formed HTTP request." };
	}
}

function render(fault: ApiFault): string {
	const body = JSON.stringify(renderFault(fault));
	const headers = {
		...securityHeaders,
		connection: "close",
		"content-length": Buffer.byteLength(body),
		"content-type": "application/json",
		"x-request-id": newRequestId(),
	};
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
	return `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
