/** Server-sent events on their way to a client: framed, kept alive while silent, bounded while nobody reads. */
import type { StreamEvent } from "../engine/dialects/dialect.ts";

/** Bounds of a stream of events. */
export interface EventStreamLimits {
	/** After this much silence a comment is sent: proxies and clients give up on silent connections after 30 to 60 seconds. */
	readonly keepAliveMs: number;
	/**
	 * What may wait for a client that does not read: more than the longest answer a context holds, at some 200 bytes a token
	 * and 32,000 tokens. Who lets this much pile up is gone without saying so.
	 */
	readonly pendingBytes: number;
	/** How long the end of an answer may wait to be read before the machine counts as its owner's no more. */
	readonly lingerMs: number;
}

/** What the product runs with. */
export const eventStreamLimits: EventStreamLimits = {
	keepAliveMs: 15_000,
	pendingBytes: 8 * 1024 * 1024,
	lingerMs: 5_000,
};

/** A stream of events. */
export interface EventStream {
	/** What the client reads. */
	readonly body: ReadableStream<Uint8Array>;
	/** Appends events; dropped once the stream has ended or overflown. */
	write(events: readonly StreamEvent[]): void;
	/** All that was written has been taken. */
	readonly isIdle: boolean;
	/** Appends the last events, also after an overflow. Resolves when all is read, nobody reads, or the lingering is over. */
	end(events: readonly StreamEvent[]): Promise<void>;
}

/** What a stream is made from. */
export interface EventStreamDeps {
	readonly limits: EventStreamLimits;
	/** The client takes no more. Called once at most. */
	readonly onCancel: () => void;
	/** The client does not read; what waited for it is dropped. Called once at most. */
	readonly onOverflow: () => void;
	/** The client has taken all there was and would take more. */
	readonly onIdle?: () => void;
}

/** How a body that is a stream of events is announced: nothing on the way may keep or gather it. */
export const eventStreamHeaders: Readonly<Record<string, string>> = {
	"content-type": "text/event-stream; charset=utf-8",
	"cache-control": "no-store",
	"x-accel-buffering": "no",
};

/** As much is given to the socket at once: what it has is neither counted nor dropped any more. */
const HAND_OVER_BYTES = 64 * 1024;

const keepAliveComment = Buffer.from(": keep-alive\n\n");

/** Makes a stream. It holds a timer until it ends or is cancelled. */
export function createEventStream({ limits, onCancel, onOverflow, onIdle }: EventStreamDeps): EventStream {
	const handedOver = Promise.withResolvers<void>();
	let pending: Buffer[] = [];
	let pendingBytes = 0;
	let state: "open" | "overflown" | "ended" | "over" = "open";
	/** Wakes the reader that waits for a piece. */
	let wake: () => void = () => {};
	const keepAlive = setInterval(() => pending.length === 0 && append(keepAliveComment), limits.keepAliveMs);

	function append(bytes: Buffer): void {
		pending.push(bytes);
		pendingBytes += bytes.byteLength;
		keepAlive.refresh();
		wake();
	}

	/** The next pieces, joined: fewer writes where they come fast. */
	function take(): Buffer {
		let count = 0;
		let sizeBytes = 0;
		for (const { byteLength } of pending) {
			if (count > 0 && sizeBytes + byteLength > HAND_OVER_BYTES) break;
			count++;
			sizeBytes += byteLength;
		}
		pendingBytes -= sizeBytes;
		return Buffer.concat(pending.splice(0, count));
	}

	function piece(): Promise<void> {
		return new Promise((resolve) => {
			wake = resolve;
		});
	}

	function drop(): void {
		pending = [];
		pendingBytes = 0;
	}

	function finish(): void {
		state = "over";
		clearInterval(keepAlive);
		drop();
		handedOver.resolve();
	}

	const body = new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				if (pending.length === 0) onIdle?.();
				while (pending.length === 0 && (state === "open" || state === "overflown")) await piece();
				if (pending.length > 0) controller.enqueue(take());
				if (state !== "ended" || pending.length > 0) return;
				controller.close();
				finish();
			},
			cancel() {
				const isEarly = state === "open" || state === "overflown";
				finish();
				wake();
				if (isEarly) onCancel();
			},
		},
		// Nothing is taken before the socket has room for it, so that what waits is counted here and nowhere else.
		{ highWaterMark: 0 },
	);

	return {
		body,
		get isIdle() {
			return pending.length === 0;
		},
		write(events) {
			if (state !== "open" || events.length === 0) return;
			append(frame(events));
			if (pendingBytes <= limits.pendingBytes) return;
			state = "overflown";
			drop();
			onOverflow();
		},
		async end(events) {
			if (state === "over") return;
			state = "ended";
			if (events.length > 0) append(frame(events));
			clearInterval(keepAlive);
			wake();
			const linger = setTimeout(handedOver.resolve, limits.lingerMs);
			await handedOver.promise;
			clearTimeout(linger);
		},
	};
}

/** Events as they are written on the wire (HTML standard, 9.2). JSON has no line breaks of its own. */
function frame(events: readonly StreamEvent[]): Buffer {
	const lines = events.map(({ id, event, data }) => {
		const number = id === undefined ? "" : `id: ${id}\n`;
		const name = event === null ? "" : `event: ${event}\n`;
		return `${number}${name}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
	});
	return Buffer.from(lines.join(""));
}
