/** Which way a frame goes: directly, or through one member that has links to both ends, and never further. */
import type { Log } from "../../base/base.ts";
import type { DeviceId } from "../identity/identity.ts";
import type { Link } from "./link.ts";
import type { Links } from "./links.ts";
import { type Frame, type LinkFrame, readFrame } from "./wire/frames.ts";
import { MOST_FRAME_BYTES, MOST_MACHINES } from "./wire/limits.ts";

/** What routing is made of. */
export interface RoutingDeps {
	readonly self: DeviceId;
	readonly log: Log;
	isMember(deviceId: DeviceId): boolean;
	/** A frame for this machine; `by` relayed it, null: it came directly. */
	onFrame(from: DeviceId, frame: Frame, way: { readonly by: DeviceId | null }): void;
	/** Who can relay to whom may have changed. */
	onChange(): void;
}

/** Ways to members. */
export interface Routing {
	/** See `Transport.send`. */
	send(to: DeviceId, frame: Frame | Members): boolean;
	/** Who relays to each member without a link that can be reached so. */
	relays(): ReadonlyMap<DeviceId, DeviceId>;
	/** A member said whom it has links to. */
	noteLinked(link: Link, devices: readonly DeviceId[]): void;
	/** Its link is gone. */
	forget(deviceId: DeviceId): void;
	/** Tells all members, or one whose link is new, whom this machine has links to. */
	announce(to?: Link): void;
	/** A frame that came to be relayed, or was. */
	relay(link: Link, frame: Relay): void;
}

type Relay = Extract<LinkFrame, { readonly kind: "relay" }>;
type Members = Extract<LinkFrame, { readonly kind: "members" }>;

/** No ways yet. */
export function createRouting(deps: RoutingDeps & { readonly links: Links }): Routing {
	const { self, links, isMember, log } = deps;
	const linked = new Map<DeviceId, ReadonlySet<DeviceId>>();

	/** The lowest id of those who can, so that it does not change without need. */
	function relayTo(to: DeviceId): Link | null {
		let best: Link | null = null;
		for (const link of links.all()) {
			const { deviceId } = link.peer;
			if (linked.get(deviceId)?.has(to) !== true || !isMember(deviceId)) continue;
			if (best === null || deviceId < best.peer.deviceId) best = link;
		}
		return best;
	}

	function passOn(link: Link, relay: Relay): void {
		// Only what the sender says itself, so that nothing goes more than one hop.
		if (relay.from !== link.peer.deviceId || relay.to === relay.from || !isMember(relay.to)) return;
		// What finds no room is lost: whoever sent it says it again, and the link is not the sender's to break.
		links.get(relay.to)?.send(encode(relay), true);
	}

	function takeIn(link: Link, { from, frame }: Relay): void {
		if (from === self || from === link.peer.deviceId || !isMember(from)) return;
		const read = readFrame(frame);
		if (read.kind !== "frame") {
			log.debug({ from, by: link.peer.deviceId, why: read.kind }, "a relayed frame was passed over");
			return;
		}
		const inner = read.frame;
		// About the link itself, which is another's here.
		if (inner.kind === "relay" || inner.kind === "linked" || inner.kind === "members") return;
		deps.onFrame(from, inner, { by: link.peer.deviceId });
	}

	return {
		send(to, frame) {
			if (to === self || !isMember(to)) return false;
			const direct = links.get(to);
			const by = direct === null ? relayTo(to) : null;
			if (direct === null && by === null) return false;
			const encoded = encode(frame);
			if (encoded.length > MOST_FRAME_BYTES) {
				log.error({ kind: frame.kind, sizeBytes: encoded.length }, "a frame is too large to be sent");
				return false;
			}
			if (direct !== null) return direct.send(encoded, comesAgain(frame));
			return by?.send(encode({ kind: "relay", to, from: self, frame }), true) ?? false;
		},
		relays() {
			const relays = new Map<DeviceId, DeviceId>();
			for (const devices of linked.values()) {
				for (const to of devices) {
					if (to === self || relays.has(to) || links.get(to) !== null || !isMember(to)) continue;
					const by = relayTo(to);
					if (by !== null) relays.set(to, by.peer.deviceId);
				}
			}
			return relays;
		},
		noteLinked(link, devices) {
			if (links.get(link.peer.deviceId) !== link) return;
			linked.set(link.peer.deviceId, new Set(devices));
			deps.onChange();
		},
		forget: (deviceId) => void linked.delete(deviceId),
		announce(to) {
			const devices = links.all().map(({ peer }) => peer.deviceId);
			const frame = encode({ kind: "linked", devices: devices.slice(0, MOST_MACHINES) });
			for (const link of to === undefined ? links.all() : [to]) link.send(frame, false);
		},
		relay(link, relay) {
			if (relay.to === self) takeIn(link, relay);
			else passOn(link, relay);
		},
	};
}

/** A frame as it goes over a link. */
export function encode(frame: Frame | LinkFrame): Buffer {
	return Buffer.from(JSON.stringify(frame));
}

/** What is said again each second or two. */
function comesAgain(frame: Frame | Members): boolean {
	return (
		frame.kind === "about" ||
		(frame.kind === "core" && (frame.message.kind === "hello" || frame.message.kind === "want"))
	);
}
