/** Puts the transport together: who comes in, who is called, and which way each frame goes. */
import type { Clock, Log, Result } from "../../base/base.ts";
import type { Connection, Connections } from "../door/door.ts";
import type { DeviceId } from "../identity/identity.ts";
import { type BlobFault, type BlobRequest, createFetchBlobs, type FetchBlobsDeps } from "./blobs/fetch-blobs.ts";
import { createHolders } from "./blobs/holders.ts";
import type { OpenedBlob, OpenRequest } from "./blobs/open-blob.ts";
import { createServeBlobs, type ServeBlobsDeps } from "./blobs/serve-blobs.ts";
import { type Address, createCaller } from "./caller.ts";
import { createDoorway } from "./doorway.ts";
import { type TransportLimits, transportLimits } from "./limits.ts";
import { createLinks } from "./links.ts";
import { createOpenings, type OpeningDeps } from "./opening.ts";
import { createReach, linkPeerOf } from "./reach.ts";
import { createReading } from "./reading.ts";
import { createRouting, type RoutingDeps } from "./routing.ts";
import { createServe } from "./serve.ts";
import { createTrafficCount, type Traffic, type TrafficCount } from "./traffic-count.ts";
import { type LinkView, viewLinks } from "./view.ts";
import type { Frame } from "./wire/frames.ts";
import type { Protocol } from "./wire/opening.ts";

/** What the transport is made of. */
export interface TransportDeps extends Omit<OpeningDeps, "limits" | "onRecords" | "onOtherProtocol"> {
	readonly connections: Connections;
	readonly clock: Clock;
	readonly log: Log;
	/** From 0 to 1, exclusive. */
	readonly random: () => number;
	readonly blobs: Pick<ServeBlobsDeps, "open"> & Pick<FetchBlobsDeps, "receive">;
	readonly limits?: Partial<TransportLimits>;
	/** A frame came from a member; `by` passed it on, null: it came directly. */
	readonly onFrame: RoutingDeps["onFrame"];
	/** Whom one can send to has changed, or how. */
	onLinks(links: readonly LinkView[]): void;
	/** Members showed records that were new here; they are told on. The members may be others now. */
	onMembersChanged(): void;
	/** A member speaks another major version of the protocol. It is called once a minute, and so often told of here. */
	onOtherProtocol(deviceId: DeviceId, protocol: Protocol): void;
}

/** Links and blobs. */
export interface Transport {
	/** Takes a member that came through the door (`onMember`). */
	accept(connection: Connection): void;
	/** Takes a stranger that came through the door (`onStranger`); resolves with whether it showed to be a member. */
	acceptStranger(connection: Connection): Promise<boolean>;
	/** These are the addresses of a machine now. While it is a member and there is no link to it, they are called. */
	know(deviceId: DeviceId, addresses: readonly Address[]): void;
	/** Calls everybody missed at once: this computer woke, or has a new address. */
	nudge(): void;
	/**
	 * Sends a frame, directly or through another member. False: it was not sent, for want of a way or of room on it. True says
	 * nothing of whether it arrives.
	 */
	send(to: DeviceId, frame: Frame): boolean;
	/** Shows all records of the membership to all members in reach. Call it when this machine admitted or removed one. */
	announceMembers(): void;
	/** Whom one can send to right now. */
	links(): readonly LinkView[];
	/** Fetches a blob; asked for twice at a time, it is fetched once. */
	fetchBlob(request: BlobRequest): Promise<Result<void, BlobFault>>;
	/** Opens a large blob to be read from somewhere in it on. Null: nobody gives it now. */
	openBlob(request: OpenRequest): Promise<OpenedBlob | null>;
	/** How much was said and given so far. */
	traffic(): Traffic;
	/** Closes everything, within half a second. Say goodbye before. */
	stop(): Promise<void>;
}

/** A transport that knows nobody's address. */
export function createTransport(deps: TransportDeps): Transport {
	const { membership, connections, clock, log } = deps;
	const self = deps.identity.deviceId;
	const limits = { ...transportLimits, ...deps.limits };
	const isMember = (deviceId: DeviceId): boolean => membership.isMember(deviceId);
	const traffic = createTrafficCount();
	const blobs = counted(deps.blobs, traffic);
	let isStopped = false;

	const links = createLinks({
		self,
		clock,
		log,
		limits,
		traffic,
		onRead: (link, read) => reading.read(link, read),
		onUp: ({ peer: { deviceId, isOutward } }) => noteChange({ deviceId, isOutward }, "a link to another machine is up"),
		onDown(deviceId, lastedMs) {
			routing.forget(deviceId);
			noteChange({ deviceId }, "a link to another machine is down");
			caller.noteDown(deviceId, lastedMs);
		},
	});
	const routing = createRouting({ ...deps, self, links, isMember, onChange: tellLinks });
	const reading = createReading({ ...deps, links, routing, onMembersChanged: noteMembers });
	const openings = createOpenings({ ...deps, limits, onRecords: reading.noteRecords });
	const reach = createReach({ ...deps, openings, links });
	const caller = createCaller({
		...deps,
		...reach,
		limits,
		isMissed: (deviceId) => isMember(deviceId) && links.get(deviceId) === null,
	});
	const serve = createServe({
		limits,
		log,
		isMember,
		onLink: (socket, connection, hello) => links.add(socket, linkPeerOf(connection, hello, null)),
		onBlob: createServeBlobs({ log, open: blobs.open }),
	});
	const holders = createHolders({
		answerMs: limits.stallMs,
		connect: (deviceId) => reach.connectForBlobs(deviceId, caller.addressesOf(deviceId)),
	});
	const fetching = createFetchBlobs({ holders, log, limits, isMember, receive: blobs.receive });

	function noteChange(link: object, what: string): void {
		if (isStopped) return;
		log.info(link, what);
		routing.announce();
		tellLinks();
	}

	function noteMembers(): void {
		caller.resume();
		deps.onMembersChanged();
	}

	function tellLinks(): void {
		if (!isStopped) deps.onLinks(viewLinks(links, routing));
	}

	return {
		...createDoorway({ connections, openings, links, reach, serve }),
		know: caller.know,
		nudge: caller.nudge,
		send: routing.send,
		announceMembers() {
			reading.announceMembers();
			caller.resume();
		},
		links: () => viewLinks(links, routing),
		traffic: traffic.totals,
		fetchBlob: (request) => fetching.fetch({ ...request, from: request.from.filter((holder) => holder !== self) }),
		openBlob: (request) => fetching.open({ ...request, from: request.from.filter((holder) => holder !== self) }),
		async stop() {
			isStopped = true;
			caller.stop();
			fetching.stop();
			serve.stop();
			await links.stop();
			reach.stop();
		},
	};
}

/** The same blobs, counted on their way. */
function counted({ open, receive }: TransportDeps["blobs"], traffic: TrafficCount): TransportDeps["blobs"] {
	return {
		async open(digest) {
			const source = await open(digest);
			return source === null ? null : traffic.serving(source);
		},
		receive: (digest, bytes, limitBytes) => receive(digest, traffic.receiving(bytes), limitBytes),
	};
}
