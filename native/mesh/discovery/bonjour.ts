/**
 * Multicast DNS on one interface: the only importer of `bonjour-service`. Owns one instance of it, and all that has to be done so
 * that its defects (1.4.4) hurt nobody. Must never throw, nor let an error of the network reach the process: an instance that
 * does not work says so once, and is good for nothing but closing.
 *
 * What is done about which defect:
 * - It throws errors of sending: all errors have a listener here.
 * - It sends on one interface only: there is one instance per interface. Linux hands every packet to all of them, so nothing is
 *   concluded from which one heard it, but from the sender's address.
 * - Bound to an address it is deaf on Linux: it is bound to none.
 * - It takes a second instance of the same computer for a conflict, and gives up with a line on the console: it is not asked to look.
 * - Its browser keeps addresses and services for ever, and all it ever heard: it is used to send the question only, responses
 *   are read as they come, and the address is the sender's.
 * - It asks once: `query` is called again and again. It knows no death: whoever owns this forgets what was not heard again.
 * - It never joins the group anew after an adapter came back: an instance that does not hear itself any more has failed.
 * - Only `unpublishAll` says goodbye, and may never end: `close` waits so long and no longer.
 * - It answers every question in a packet with a packet to all: questions are counted, and answered once a second.
 */

import type { RemoteInfo } from "node:dgram";
import { EventEmitter } from "node:events";
import { setTimeout } from "node:timers/promises";
import { Bonjour } from "bonjour-service";
import { z } from "zod";
import { type Clock, errorCode } from "../../base/base.ts";
import {
	type Advert,
	type HeardAdvert,
	instanceName,
	readResponse,
	SERVICE_DOMAIN,
	SERVICE_TYPE,
	writeTxt,
} from "./advert.ts";
import { createEchoWatch } from "./echo-watch.ts";
import { isOnLink, type NetworkInterface } from "./interfaces.ts";

/** What an instance is made from. */
export interface BonjourOptions {
	readonly link: NetworkInterface;
	readonly advert: Advert;
	readonly clock: Clock;
	/** Somebody said something of itself; `host` is where the packet came from. This machine's own words are among it. */
	readonly onHeard: (heard: HeardAdvert, host: string) => void;
	/** Called at most once: nothing more is to be had from this instance. `code` is the system's, or `DEAF`. */
	readonly onFailed: (code: string) => void;
}

/** Multicast DNS on one interface, from the moment it is made. */
export interface BonjourInstance {
	/** Asks who is there, unless (not `isUrgent`) another machine of this subnet has just asked: all hear the answers. */
	query(isUrgent: boolean): void;
	/** Ends it within `GOODBYE_MS`. With `isFarewell` others are told that this machine goes. */
	close(isFarewell: boolean): Promise<void>;
}

/** A network that takes no datagram for so long takes none. Short: a computer that is switched off waits for it. */
export const GOODBYE_MS = 500;
/** Somebody else's question is as good as ours for so long; machines ask every five seconds. */
const SHARED_QUESTION_MS = 4_000;
/** The same records go to all of a network at most once in this time (RFC 6762, 6). */
const ANSWER_PAUSE_MS = 1_000;
/** Questions looked at in one packet. */
const MOST_QUESTIONS = 32;
const ENUMERATION = "_services._dns-sd._udp.local";
/** Kinds of questions that have an answer here. Also bounds what is remembered of questions. */
const ANSWERED_TYPES: readonly string[] = ["PTR", "SRV", "TXT", "A", "ANY"];

const questionsSchema = z.object({ questions: z.array(z.object({ name: z.string(), type: z.string() })) });

/** The part of `multicast-dns` in use. The library keeps it private, so that it is there is checked when it runs. */
interface MulticastDns extends EventEmitter {
	query(name: string, type: string, done: (error?: Error | null) => void): void;
}
const innardsSchema = z.object({ server: z.object({ mdns: z.custom<MulticastDns>(isMulticastDns) }) });

function isMulticastDns(value: unknown): boolean {
	return value instanceof EventEmitter && "query" in value && typeof value.query === "function";
}

/** Opens sockets on the interface, tells others of this machine and asks who is there. */
export function openBonjour({ link, advert, clock, onHeard, onFailed }: BonjourOptions): BonjourInstance {
	let isOver = false;
	let othersAskedAtMs = Number.NEGATIVE_INFINITY;
	const echo = createEchoWatch();

	function fail(error: unknown): void {
		if (isOver) return;
		isOver = true;
		onFailed(errorCode(error) || "UNKNOWN");
	}

	const bonjour = new Bonjour(socketOptions(link), fail);
	const { mdns } = innardsSchema.parse(bonjour).server;
	mdns.on("error", fail);
	mdns.on("warning", (error: unknown) => {
		// Packets that can't be read are warnings too; those of the system name the call that failed.
		if (error instanceof Error && "syscall" in error) fail(error);
	});
	mdns.on("packet", (_packet: unknown, { address }: RemoteInfo) => {
		if (address === link.address) echo.heard();
	});
	mdns.on("response", (packet: unknown, { address }: RemoteInfo) => {
		if (isOver || !isOnLink(link, address)) return;
		for (const heard of readResponse(packet)) onHeard(heard, address);
	});
	holdBackAnswers(mdns, link, instanceName(advert.deviceId), clock, () => {
		othersAskedAtMs = clock.monotonicMs();
	});
	publish(bonjour, advert);

	return {
		query(isUrgent) {
			if (isOver || (!isUrgent && clock.monotonicMs() - othersAskedAtMs < SHARED_QUESTION_MS)) return;
			if (echo.isDeaf()) {
				fail(Object.assign(new Error("It does not hear itself any more."), { code: "DEAF" }));
				return;
			}
			echo.asked();
			mdns.query(SERVICE_DOMAIN, "PTR", (error) => {
				if (error) fail(error);
			});
		},
		async close(isFarewell) {
			const isWorking = !isOver;
			isOver = true;
			if (isFarewell && isWorking) {
				const isTold = new Promise<void>((resolve) => bonjour.unpublishAll(() => resolve()));
				await Promise.race([isTold, setTimeout(GOODBYE_MS, undefined, { ref: false })]);
			}
			await new Promise<void>((resolve) => bonjour.destroy(() => resolve()));
		},
	};
}

/** The options of `multicast-dns`, which the types of the library over it do not know. */
function socketOptions({ address }: NetworkInterface): object {
	// Windows delivers a group's packets to sockets bound to an address of the interface; Linux and macOS to none of these.
	return { interface: address, ...(process.platform === "win32" ? {} : { bind: "0.0.0.0" }) };
}

function publish(bonjour: Bonjour, advert: Advert): void {
	const name = instanceName(advert.deviceId);
	bonjour.publish({
		name,
		type: SERVICE_TYPE,
		port: advert.port,
		host: `${name}.local`,
		txt: writeTxt(advert),
		probe: false,
		disableIPv6: true,
	});
}

/** Puts a sieve before the library's own answering: neighbours' questions about us, each at most once in a while. */
function holdBackAnswers(
	mdns: MulticastDns,
	link: NetworkInterface,
	name: string,
	clock: Clock,
	onAsked: () => void,
): void {
	const answerers = mdns.listeners("query");
	mdns.removeAllListeners("query");
	const names = [SERVICE_DOMAIN, `${name}.${SERVICE_DOMAIN}`, `${name}.local`, ENUMERATION].map((one) =>
		one.toLowerCase(),
	);
	const answeredAtMs = new Map<string, number>();
	mdns.on("query", (packet: unknown, { address }: RemoteInfo) => {
		const parsed = questionsSchema.safeParse(packet);
		if (!parsed.success || !isOnLink(link, address)) return;
		const nowMs = clock.monotonicMs();
		for (const question of parsed.data.questions.slice(0, MOST_QUESTIONS)) {
			const about = question.name.toLowerCase();
			if (!names.includes(about) || !ANSWERED_TYPES.includes(question.type)) continue;
			if (about === names[0] && question.type === "PTR" && address !== link.address) onAsked();
			const asked = `${question.type} ${about}`;
			if (nowMs - (answeredAtMs.get(asked) ?? Number.NEGATIVE_INFINITY) < ANSWER_PAUSE_MS) continue;
			answeredAtMs.set(asked, nowMs);
			for (const answer of answerers) answer({ questions: [question] });
		}
	});
}
