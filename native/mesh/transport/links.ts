/** All links, one to each member: which of two stays, and which are dead. */
import type { WebSocket } from "ws";
import type { Clock, Log } from "../../base/base.ts";
import type { DeviceId } from "../identity/identity.ts";
import type { TransportLimits } from "./limits.ts";
import { createLink, type Link, type LinkPeer } from "./link.ts";
import type { TrafficCount } from "./traffic-count.ts";
import type { ReadFrame } from "./wire/frames.ts";

/** What the table is made of. */
export interface LinksDeps {
	readonly self: DeviceId;
	readonly clock: Clock;
	readonly log: Log;
	readonly limits: TransportLimits;
	readonly traffic: TrafficCount;
	/** Something came on a link, perhaps one that was replaced. */
	onRead(link: Link, read: ReadFrame): void;
	/** A link came up, first or in the place of another. */
	onUp(link: Link): void;
	/** There is no link to this member any more; the last one lasted so long. */
	onDown(deviceId: DeviceId, lastedMs: number): void;
}

/** The table of links. */
export interface Links {
	/** Whether such a link would stay if it came up now. */
	isWanted(peer: Pick<LinkPeer, "deviceId" | "incarnation" | "isOutward">): boolean;
	/** A socket has just opened. Where there is a link already, one of the two stays. */
	add(socket: WebSocket, peer: LinkPeer): void;
	get(deviceId: DeviceId): Link | null;
	all(): readonly Link[];
	/** Ends all, politely first; resolves when none is open. */
	stop(): Promise<void>;
}

/** An empty table. */
export function createLinks(deps: LinksDeps): Links {
	const { self, clock, limits, log } = deps;
	const current = new Map<DeviceId, Link>();
	/** With those that were replaced and still drain. */
	const open = new Set<Link>();
	let whenEmpty: (() => void) | null = null;
	/** Silence counts from here: before it this computer slept. */
	let awakeSinceMs = clock.monotonicMs();
	let lookedMs = awakeSinceMs;
	const timer = setInterval(look, limits.lookMs);

	function look(): void {
		const nowMs = clock.monotonicMs();
		if (nowMs - lookedMs > 3 * limits.lookMs) awakeSinceMs = nowMs;
		lookedMs = nowMs;
		for (const link of [...open]) {
			if (link.silentMs(awakeSinceMs) < limits.silenceMs) continue;
			log.info({ deviceId: link.peer.deviceId }, "a machine was silent for too long; it is called anew");
			link.terminate();
		}
	}

	function onClosed(link: Link): void {
		open.delete(link);
		if (current.get(link.peer.deviceId) === link) {
			current.delete(link.peer.deviceId);
			deps.onDown(link.peer.deviceId, clock.monotonicMs() - link.sinceMs);
		}
		if (open.size === 0) whenEmpty?.();
	}

	return {
		isWanted(peer) {
			const present = current.get(peer.deviceId);
			return present === undefined || replaces(self, present.peer, peer);
		},
		add(socket, peer) {
			const present = current.get(peer.deviceId);
			const link = createLink(socket, peer, { limits, clock, traffic: deps.traffic, onRead: deps.onRead, onClosed });
			open.add(link);
			if (present !== undefined && !replaces(self, present.peer, peer)) {
				// Its other end has said things already, and may have more on the way.
				link.close();
				return;
			}
			current.set(peer.deviceId, link);
			// A process that is gone has nothing left to say.
			if (present !== undefined && present.peer.incarnation !== peer.incarnation) present.terminate();
			else present?.close();
			deps.onUp(link);
		},
		get: (deviceId) => current.get(deviceId) ?? null,
		all: () => [...current.values()],
		async stop() {
			clearInterval(timer);
			if (open.size === 0) return;
			const emptied = new Promise<void>((resolve) => {
				whenEmpty = resolve;
			});
			for (const link of [...open]) link.close();
			const deadline = setTimeout(() => {
				for (const link of [...open]) link.terminate();
			}, limits.stopMs);
			await emptied;
			clearTimeout(deadline);
		},
	};
}

/**
 * Whether a link takes the place of the one that is there. Both ends come to the same answer: of two that were called at the same
 * time the one stays that the machine with the lower id called; of two that the same side called the later, since it has missed
 * the earlier; and a process started anew leaves nothing of the one before.
 */
export function replaces(
	self: DeviceId,
	present: Pick<LinkPeer, "deviceId" | "incarnation" | "isOutward">,
	next: Pick<LinkPeer, "incarnation" | "isOutward">,
): boolean {
	if (present.incarnation !== next.incarnation || present.isOutward === next.isOutward) return true;
	return next.isOutward === self < present.deviceId;
}
