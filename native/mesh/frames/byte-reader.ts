/** Takes exactly so many bytes from a stream, when asked and not before. */
import type { Readable } from "node:stream";
import { err, ok, type Result } from "../../base/base.ts";

/** Why they did not come: the stream ended before the first or after it, or the time was up. */
export type ReadFault = "closed" | "cut-off" | "too-slow";

/** Reads one piece at a time. */
export interface ByteReader {
	/** So many bytes, at least one. Beyond what is asked for, the stream holds only its own small buffer. */
	read(sizeBytes: number, deadline: AbortSignal): Promise<Result<Buffer, ReadFault>>;
}

/** Reads a stream of bytes that nobody else reads and that has no listener for `data`. */
export function createByteReader(stream: Readable): ByteReader {
	return {
		async read(sizeBytes, deadline) {
			const parts: Buffer[] = [];
			let missing = sizeBytes;
			while (missing > 0) {
				// Lets an end be noticed, and takes nothing.
				stream.read(0);
				// No more than there is: asked for more, a stream enlarges its buffer before a byte has come.
				const sizeNowBytes = Math.min(missing, stream.readableLength);
				const part: unknown = sizeNowBytes === 0 ? null : stream.read(sizeNowBytes);
				if (part instanceof Buffer) {
					parts.push(part);
					missing -= part.length;
					continue;
				}
				if (isOver(stream)) return err(parts.length === 0 ? "closed" : "cut-off");
				if (deadline.aborted) return err("too-slow");
				await moreOf(stream, deadline);
			}
			return ok(Buffer.concat(parts));
		},
	};
}

function isOver(stream: Readable): boolean {
	return stream.readableEnded || stream.destroyed || stream.errored !== null;
}

/** Until there is something to look at: bytes, an end, or no time left. */
function moreOf(stream: Readable, deadline: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const events = ["readable", "end", "close", "error"] as const;
		const done = () => {
			for (const event of events) stream.off(event, done);
			deadline.removeEventListener("abort", done);
			resolve();
		};
		for (const event of events) stream.on(event, done);
		deadline.addEventListener("abort", done);
	});
}
