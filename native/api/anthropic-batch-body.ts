/** Stores the requests of a new message batch as a file of lines, while they come: the body may be far larger than memory allows. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { assertNever, err, ok, type Result } from "../base/base.ts";
import type { Ledger, StoredBytes } from "../ledger/ledger.ts";
import { createRequestReader, type RequestLimits, type RequestReader } from "./anthropic-batch-requests.ts";
import { announcedBytes, BodyBroken, bodyChunks, checkType } from "./body.ts";
import { type ApiFault, diskFull } from "./errors.ts";
import { type ApiLimits, describeBytes } from "./limits.ts";

/** Bounds of the body that makes a message batch. */
export interface MessageBatchLimits extends RequestLimits {
	readonly bodyBytes: number;
	/** Bodies read at once. */
	readonly bodies: number;
}

const mebibyte = 1024 * 1024;

/** What the product runs with. */
export const messageBatchLimits: MessageBatchLimits = {
	/** As Anthropic has it. */
	requests: 100_000,
	bodyBytes: 256 * mebibyte,
	/** As long as a line of a batch file may be, for that is what it becomes; also what Anthropic takes in one request. */
	requestBytes: 32 * mebibyte,
	/** One request of the largest size takes some 150 MB of memory while it is read, so that a handful at once is enough. */
	bodies: 4,
};

/** Parsed between two turns of the event loop: about a millisecond of work. */
const PIECE_BYTES = 64 * 1024;

/** Requests that are on the disk, one a line. */
export interface StoredRequests {
	readonly stored: StoredBytes;
	readonly count: number;
}

/** What storing needs. */
export interface StoreRequestsDeps {
	readonly ledger: Pick<Ledger, "storeBytes">;
	readonly limits: ApiLimits;
	readonly batchLimits: MessageBatchLimits;
}

/** Reads the body to its end. A body that is refused leaves nothing behind. */
export async function storeRequests(
	request: Request,
	{ ledger, limits, batchLimits }: StoreRequestsDeps,
): Promise<Result<StoredRequests, ApiFault>> {
	const wrongType = checkType(request);
	if (wrongType !== null) return err(wrongType);
	const { bodyBytes } = batchLimits;
	if ((announcedBytes(request) ?? 0) > bodyBytes) return err(tooLarge(bodyBytes));
	const reader = createRequestReader(batchLimits);
	try {
		const lines = requestLines(request, reader, { bodyBytes, idleMs: limits.bodyIdleMs });
		const stored = await ledger.storeBytes(lines, limits.fileBytes);
		if (stored.ok) return ok({ stored: stored.value, count: reader.count });
		switch (stored.error.kind) {
			case "disk-full":
				return err(diskFull);
			case "too-large":
				return err(tooLarge(stored.error.limitBytes));
			default:
				return assertNever(stored.error);
		}
	} catch (error) {
		if (error instanceof BodyBroken) return err(error.fault);
		throw error;
	}
}

async function* requestLines(
	request: Request,
	reader: RequestReader,
	{ bodyBytes, idleMs }: { readonly bodyBytes: number; readonly idleMs: number },
): AsyncGenerator<Uint8Array> {
	let sizeBytes = 0;
	for await (const chunk of bodyChunks(request, idleMs)) {
		sizeBytes += chunk.byteLength;
		if (sizeBytes > bodyBytes) throw new BodyBroken(tooLarge(bodyBytes));
		for (let start = 0; start < chunk.byteLength; start += PIECE_BYTES) {
			const lines = reader.push(chunk.subarray(start, start + PIECE_BYTES));
			if (lines !== "") yield Buffer.from(lines);
			await nextTurn();
		}
	}
	reader.end();
}

function tooLarge(limitBytes: number): ApiFault {
	return {
		status: 413,
		message: `The body is larger than ${describeBytes(limitBytes)}. Split the requests over several batches.`,
		param: null,
		code: "body_too_large",
	};
}
