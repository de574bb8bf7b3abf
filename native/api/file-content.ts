/** Sends a file's bytes: streamed, with their length known beforehand, and from the middle if asked for. */
import { extname } from "node:path";
import type { Context } from "hono";
import type { Log } from "../base/base.ts";
import type { FileRecord, Ledger } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { refuse } from "./errors.ts";
import { tidyFilename } from "./file-form.ts";
import { chooseRange } from "./range.ts";

/** What is to be said and done beyond sending the bytes. */
export interface ContentExtras {
	/** Headers besides. */
	readonly headers: Readonly<Record<string, string>>;
	/** Called when the stream of the whole file has ended; of a part never. Must not reject. */
	readonly onWhole: () => Promise<void>;
}

/** Answers with the content of a file, or the part of it that a Range header asks for. */
export async function sendContent(
	context: Context<ApiEnv>,
	deps: { readonly ledger: Pick<Ledger, "readFile">; readonly log: Log },
	file: FileRecord,
	extras: ContentExtras | null = null,
): Promise<Response> {
	// A part fetched for an If-Range that names another content would not fit what the client has.
	const ifRange = context.req.header("if-range");
	const isSameContent = ifRange === undefined || ifRange === entityTag(file);
	const range = chooseRange(isSameContent ? context.req.header("range") : undefined, file.sizeBytes);
	if (range.kind === "unsatisfiable") {
		return refuse(context, {
			status: 416,
			message: `The range lies outside the file, which has ${file.sizeBytes} bytes.`,
			param: "range",
			code: "range_not_satisfiable",
			headers: { "content-range": `bytes */${file.sizeBytes}` },
		});
	}
	const { start, end } = range.kind === "part" ? range : { start: 0, end: file.sizeBytes };
	const headers: Record<string, string> = {
		...extras?.headers,
		"accept-ranges": "bytes",
		"content-disposition": attachment(nameFor(context, file)),
		"content-length": String(end - start),
		"content-type": "application/octet-stream",
		etag: entityTag(file),
	};
	if (range.kind === "part") headers["content-range"] = `bytes ${start}-${end - 1}/${file.sizeBytes}`;
	const status = range.kind === "part" ? 206 : 200;
	if (context.req.method === "HEAD" || end === start) return context.body(null, status, headers);

	const bytes = deps.ledger.readFile(file, { start, end })[Symbol.asyncIterator]();
	// Read before the answer begins: a blob that can't be read is then still an honest error.
	const first = await bytes.next();
	const onBreak = (error: unknown) => {
		const details = { error, fileId: file.id, requestId: context.get("requestId") };
		deps.log.error(details, "a file could not be read to its end; its download was cut off");
	};
	const isWhole = start === 0 && end === file.sizeBytes;
	const onEnd = async () => (isWhole ? extras?.onWhole() : undefined);
	return context.body(streamOn(first, bytes, { lengthBytes: end - start, onBreak, onEnd }), status, headers);
}

/** What is known of a stream beforehand, and who hears how it ended; of one that the client gave up nobody does. */
export interface StreamEnd {
	/** Null: not known. Else the stream ends with the last byte: a client may be gone as soon as it has that. */
	readonly lengthBytes: number | null;
	/** It can't be read on. */
	readonly onBreak: (error: unknown) => void;
	/** All was read. The stream closes once this resolves; must not reject. */
	readonly onEnd: () => Promise<void>;
}

/** A stream of what an iterator still has, beginning with a piece already taken. Breaks without saying why to the client. */
export function streamOn(
	first: IteratorResult<Uint8Array>,
	rest: AsyncIterator<Uint8Array>,
	{ lengthBytes, onBreak, onEnd }: StreamEnd,
): ReadableStream<Uint8Array> {
	let pending: IteratorResult<Uint8Array> | null = first;
	let leftBytes = lengthBytes ?? Number.POSITIVE_INFINITY;
	let isCancelled = false;
	return new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				try {
					const piece = pending ?? (await rest.next());
					pending = null;
					if (isCancelled) return;
					if (piece.done !== true) {
						controller.enqueue(piece.value);
						leftBytes -= piece.value.byteLength;
						if (leftBytes > 0) return;
					}
					await onEnd();
					if (!isCancelled) controller.close();
					await rest.return?.();
				} catch (error) {
					onBreak(error);
					controller.error(new Error("The content could not be read to its end."));
				}
			},
			async cancel() {
				isCancelled = true;
				await rest.return?.();
			},
		},
		{ highWaterMark: 0 },
	);
}

/** What the file is saved as: its own name, or what `?download_as=` says with the file's own ending. */
function nameFor(context: Context<ApiEnv>, { filename }: FileRecord): string {
	const wish = context.req.query("download_as");
	return wish === undefined ? filename : tidyFilename(`${wish}${extname(filename)}`);
}

function entityTag(file: FileRecord): string {
	return `"${file.digest}"`;
}

/** A Content-Disposition that survives any name (RFC 6266): plain ASCII for old clients, UTF-8 for the rest. */
export function attachment(filename: string): string {
	const ascii = filename.replace(/[^\x20-\x7e]|["\\%]/g, "_");
	// A lone half of a surrogate pair has no UTF-8.
	const encoded = encodeURIComponent(filename.toWellFormed()).replace(
		/['()*]/g,
		(char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
	);
	return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
