/** Serves blobs to members. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errorCode, type Log } from "../../../base/base.ts";
import type { DeviceId, Peer } from "../../identity/identity.ts";
import { parseRange } from "./range.ts";

/** A blob that is on this disk. */
export interface BlobSource {
	readonly sizeBytes: number;
	/** Bytes from `start` to before `end`, read as they are taken; ended early when nobody takes them any more. */
	stream(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** What serving is made of. */
export interface ServeBlobsDeps {
	readonly log: Log;
	/** Null: it is not here. */
	open(digest: string): Promise<BlobSource | null>;
}

/** Blobs served at once to all, each with one piece of a file in memory; a few disks' worth of reading. */
const MOST_SERVED = 24;
/** And to one member: twice the connections that one of ours has. */
const MOST_SERVED_A_MEMBER = 6;
/** The answer to who comes when that many are served. */
const BUSY_RETRY_S = 1;

/** Answers requests for blobs; never rejects. */
export function createServeBlobs(deps: ServeBlobsDeps) {
	const serving = new Map<DeviceId, number>();
	let all = 0;

	async function serve(request: IncomingMessage, response: ServerResponse, digest: string): Promise<void> {
		const source = await deps.open(digest);
		if (source === null) return refuse(response, 404);
		const piece = parseRange(request.headers.range, source.sizeBytes);
		if (piece === "unsatisfiable") {
			return refuse(response, 416, { "Content-Range": `bytes */${source.sizeBytes}` });
		}
		const { start, end } = piece ?? { start: 0, end: source.sizeBytes };
		response.writeHead(piece === null ? 200 : 206, {
			"Content-Type": "application/octet-stream",
			"Accept-Ranges": "bytes",
			"Content-Length": end - start,
			...(piece === null ? {} : { "Content-Range": `bytes ${start}-${end - 1}/${source.sizeBytes}` }),
		});
		if (request.method === "HEAD") return void response.end();
		await pipeline(Readable.from(source.stream(start, end), { objectMode: false }), response);
	}

	return async (request: IncomingMessage, response: ServerResponse, digest: string, { deviceId }: Peer) => {
		const mine = serving.get(deviceId) ?? 0;
		if (all >= MOST_SERVED || mine >= MOST_SERVED_A_MEMBER) {
			return refuse(response, 503, { "Retry-After": BUSY_RETRY_S });
		}
		serving.set(deviceId, mine + 1);
		all += 1;
		try {
			await serve(request, response, digest);
		} catch (error) {
			// The other side went away, or the disk can't be read; either way it asks again, here or elsewhere.
			deps.log.debug({ digest, code: errorCode(error) }, "a blob was not served to its end");
			response.destroy();
		} finally {
			all -= 1;
			const left = (serving.get(deviceId) ?? 1) - 1;
			if (left === 0) serving.delete(deviceId);
			else serving.set(deviceId, left);
		}
	};
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string | number> = {}): void {
	response.writeHead(status, { "Content-Length": 0, ...headers }).end();
}
