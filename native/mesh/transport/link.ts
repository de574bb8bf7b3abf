/** One WebSocket to a member, on which frames go. */
import type { RawData, WebSocket } from "ws";
import type { Clock } from "../../base/base.ts";
import type { DeviceId } from "../identity/identity.ts";
import type { TransportLimits } from "./limits.ts";
import type { TrafficCount } from "./traffic-count.ts";
import { parseFrame, type ReadFrame } from "./wire/frames.ts";

/** Where the other end of a connection is. */
export interface LinkAddress {
	readonly host: string;
	/** Where it listens; null: it can't be called. */
	readonly port: number | null;
}

/** Whom a link leads to. */
export interface LinkPeer {
	readonly deviceId: DeviceId;
	/** Of its process. */
	readonly incarnation: string;
	/** As it calls itself. */
	readonly name: string;
	/** Of Nightshift. */
	readonly version: string;
	readonly address: LinkAddress;
	/** This machine called. */
	readonly isOutward: boolean;
}

/** One link. */
export interface Link {
	readonly peer: LinkPeer;
	/** When it came up, monotonic. */
	readonly sinceMs: number;
	/**
	 * Sends a frame's text. False: it was not taken. Where too much waits already, `isRepeated` says whether the frame comes again
	 * anyway and is left out, or its loss would go unnoticed: then the link ends and comes back.
	 */
	send(frame: Buffer, isRepeated: boolean): boolean;
	/** Nothing more is sent; what the other side had sent until it heard of it still comes. */
	close(): void;
	/** Ends it at once. */
	terminate(): void;
	/** How long nothing was heard, counted from `fromMs` at the earliest. */
	silentMs(fromMs: number): number;
}

/** What a link tells. */
export interface LinkEvents {
	onRead(link: Link, read: ReadFrame): void;
	onClosed(link: Link): void;
}

const TEXT = { binary: false, compress: false } as const;

/** Takes over a socket that has just opened; in the same turn of the event loop, or frames are lost. */
export function createLink(
	socket: WebSocket,
	peer: LinkPeer,
	deps: { readonly limits: TransportLimits; readonly clock: Clock; readonly traffic: TrafficCount } & LinkEvents,
): Link {
	const { clock, limits, traffic } = deps;
	let heardMs = clock.monotonicMs();
	let drain: NodeJS.Timeout | null = null;
	const link: Link = {
		peer,
		sinceMs: heardMs,
		send(frame, isRepeated) {
			if (socket.readyState !== socket.OPEN) return false;
			if (socket.bufferedAmount + frame.length > limits.unsentBytes) {
				if (!isRepeated) socket.terminate();
				return false;
			}
			traffic.sent.count(frame.length);
			// What goes wrong closes the socket, and that is told.
			socket.send(frame, TEXT, () => {});
			return true;
		},
		close() {
			socket.close();
			drain ??= setTimeout(() => socket.terminate(), limits.drainMs);
		},
		terminate: () => socket.terminate(),
		silentMs: (fromMs) => clock.monotonicMs() - Math.max(heardMs, fromMs),
	};
	socket.on("message", (data, isBinary) => {
		heardMs = clock.monotonicMs();
		const text = textOf(data);
		traffic.received.count(Buffer.byteLength(text));
		deps.onRead(link, isBinary ? { kind: "malformed" } : parseFrame(text));
	});
	// Too large a frame, or none of WebSocket's: it closes by itself.
	socket.on("error", () => {});
	socket.once("close", () => {
		if (drain !== null) clearTimeout(drain);
		deps.onClosed(link);
	});
	return link;
}

/** Text comes as one buffer, checked to be UTF-8; the library's type allows for more. */
function textOf(data: RawData): string {
	if (Array.isArray(data)) return Buffer.concat(data).toString();
	return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString();
}
