/** How much goes between this machine and the others since it began: what they say, and blobs apart. Counts; decides nothing. */
import type { BlobSource } from "./blobs/serve-blobs.ts";

/** One direction of all links together. */
export interface Flow {
	readonly frames: number;
	/** Of the frames' text: without what WebSocket and TLS add, some 30 bytes a frame. */
	readonly bytes: number;
}

/** Totals since the transport was made. */
export interface Traffic {
	readonly sent: Flow;
	readonly received: Flow;
	/** Bytes of blobs, without the words of HTTP. */
	readonly blobs: { readonly sentBytes: number; readonly receivedBytes: number };
}

/** A direction of frames or blobs. */
export interface Meter {
	count(sizeBytes: number): void;
}

/** Counts of everything. */
export interface TrafficCount {
	readonly sent: Meter;
	readonly received: Meter;
	/** The same blob; its bytes are counted as they are taken. */
	serving(source: BlobSource): BlobSource;
	/** The same bytes; counted as they come. */
	receiving(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
	totals(): Traffic;
}

/** Nothing yet. */
export function createTrafficCount(): TrafficCount {
	const [sent, received, served, fetched] = [createTally(), createTally(), createTally(), createTally()];
	return {
		sent,
		received,
		serving: (source) => ({ ...source, stream: (start, end) => tallied(source.stream(start, end), served) }),
		receiving: (bytes) => tallied(bytes, fetched),
		totals: () => ({
			sent: sent.total(),
			received: received.total(),
			blobs: { sentBytes: served.total().bytes, receivedBytes: fetched.total().bytes },
		}),
	};
}

function createTally(): Meter & { total(): Flow } {
	let [frames, bytes] = [0, 0];
	return {
		count(sizeBytes) {
			frames += 1;
			bytes += sizeBytes;
		},
		total: () => ({ frames, bytes }),
	};
}

async function* tallied(pieces: AsyncIterable<Uint8Array>, meter: Meter): AsyncGenerator<Uint8Array> {
	for await (const piece of pieces) {
		meter.count(piece.length);
		yield piece;
	}
}
