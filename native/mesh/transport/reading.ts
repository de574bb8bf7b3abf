/** What becomes of each frame that comes: the transport's own are acted on, others go up. */
import { assertNever, type Log } from "../../base/base.ts";
import type { DeviceId } from "../identity/identity.ts";
import type { Membership } from "../membership/membership.ts";
import type { Link } from "./link.ts";
import type { Links } from "./links.ts";
import { recordsInFrames } from "./records.ts";
import { encode, type Routing, type RoutingDeps } from "./routing.ts";
import type { ReadFrame } from "./wire/frames.ts";

/** What it is made of. */
export interface ReadingDeps {
	readonly log: Log;
	readonly membership: Pick<Membership, "isMember" | "records" | "add">;
	readonly links: Links;
	readonly routing: Routing;
	readonly onFrame: RoutingDeps["onFrame"];
	onMembersChanged(): void;
}

/** Reads. */
export interface Reading {
	/** Something came on a link. */
	read(link: Link, read: ReadFrame): void;
	/** Records came that were new: others are told, and who stands above. */
	noteRecords(): void;
	/** Shows all records to all. */
	announceMembers(): void;
}

/** Has read nothing yet. */
export function createReading(deps: ReadingDeps): Reading {
	const { log, membership, links, routing } = deps;

	/** Also to those that are no members any more and whose links are about to be closed: nobody else would tell them. */
	function announceMembers(): void {
		for (const records of recordsInFrames(membership.records())) {
			const frame = encode({ kind: "members", records });
			for (const link of links.all()) link.send(frame, false);
		}
	}

	function noteRecords(): void {
		announceMembers();
		deps.onMembersChanged();
	}

	async function takeRecords(records: readonly unknown[]): Promise<void> {
		const added = await membership.add(records);
		if (!added.ok) log.warn({ fault: added.error.kind }, "records of the mesh's members were not kept");
		else if (added.value.added > 0) noteRecords();
	}

	function readKnown(link: Link, { frame }: Extract<ReadFrame, { readonly kind: "frame" }>, from: DeviceId): void {
		switch (frame.kind) {
			case "linked":
				routing.noteLinked(link, frame.devices);
				return;
			case "relay":
				routing.relay(link, frame);
				return;
			case "members":
				void takeRecords(frame.records);
				return;
			case "core":
			case "about":
			case "wish":
			case "addresses":
			case "keep":
			case "kept":
				deps.onFrame(from, frame, { by: null });
				return;
			default:
				assertNever(frame);
		}
	}

	return {
		read(link, read) {
			const { deviceId } = link.peer;
			// A socket that was destroyed may still hand on what it had read.
			if (!membership.isMember(deviceId)) return;
			switch (read.kind) {
				case "unknown":
					log.debug({ deviceId, name: read.name }, "a frame of a later version was passed over");
					return;
				case "malformed":
					log.warn({ deviceId }, "a machine sent something that is no frame; the link to it is closed");
					link.terminate();
					return;
				case "frame":
					readKnown(link, read, deviceId);
					return;
				default:
					assertNever(read);
			}
		},
		noteRecords,
		announceMembers,
	};
}
