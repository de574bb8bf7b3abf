/** Durations and limits of the transport, with their reasons. Tests shorten some of them. */
import { ALIVE_MS } from "../core/constants.ts";

/** See each. */
export interface TransportLimits {
	/** From the first byte of a connection until its purpose is said and answered, and the same again for the upgrade to a link. */
	readonly openingMs: number;
	/** A request's head, from when one may begin. A connection that is kept for another request has `idleMs` instead. */
	readonly headMs: number;
	/** A connection without a request is closed: the pool of the other side closes its own earlier. */
	readonly idleMs: number;
	/** No byte goes either way for so long: the other side is asleep or gone, whatever TCP says. */
	readonly stallMs: number;
	/** Nothing heard on a link for so long: as long as the core takes a machine to be there. It says hello each second. */
	readonly silenceMs: number;
	/** How often links are looked at for silence. Three times that between two looks: this computer slept, and nobody was silent. */
	readonly lookMs: number;
	/** What may wait to be sent on a link. Eight of the largest frames; thirty such links are less than what one model takes. */
	readonly unsentBytes: number;
	/** A link that was replaced has so long to say what it still had to say. */
	readonly drainMs: number;
	/** Between the first packets to two addresses of one machine, as browsers do it (RFC 8305). */
	readonly staggerMs: number;
	/** The first pause between calls, doubled each time up to the last. */
	readonly firstRetryMs: number;
	readonly lastRetryMs: number;
	/** Between a break of a blob's transfer and the next try at the same machine, doubled up to the last pause of a call. */
	readonly breakPauseMs: number;
	/** A link that lasted so long was a good one: its end is followed by a call at once. */
	readonly steadyMs: number;
	/** Until everything is closed on `stop`, whether others answer or not; the core's polite leaving has 500 ms in all. */
	readonly stopMs: number;
}

/** As the product has them. */
export const transportLimits: TransportLimits = {
	openingMs: 5_000,
	headMs: 5_000,
	idleMs: 30_000,
	stallMs: 15_000,
	silenceMs: ALIVE_MS,
	lookMs: 1_000,
	unsentBytes: 8 * 1_024 * 1_024,
	drainMs: 2_000,
	staggerMs: 250,
	firstRetryMs: 1_000,
	lastRetryMs: 60_000,
	breakPauseMs: 200,
	steadyMs: 10_000,
	stopMs: 300,
};

/** The head of a request has a path of 71 characters and a handful of headers. */
export const MOST_HEAD_BYTES = 8 * 1_024;

/** Connections of one member at once: a link, its successor, three for blobs that it fetches, and those it has not missed yet. */
export const MOST_CONNECTIONS_A_MEMBER = 12;

/** Addresses known of one machine: a few interfaces with IPv4 and IPv6 each. More are left out. */
export const MOST_ADDRESSES_A_MACHINE = 16;
