/** What of a node faces other machines: where they are, what goes to them, which bytes are had from whom. */
import type { Result } from "../../base/base.ts";
import type { CoreState } from "../core/core.ts";
import { createDiscovery, type Discovery } from "../discovery/discovery.ts";
import { type BlobFault, createTransport, type Frame, type LinkView, type Transport } from "../transport/transport.ts";
import { type BlobFiles, createBlobFiles } from "./blob-files.ts";
import type { Happening } from "./driver.ts";
import { createGossip, type Gossip } from "./gossip.ts";
import type { HostRecord } from "./host-record.ts";
import { hostOf } from "./host-record.ts";
import { createKeeping, type Keeping } from "./keeping.ts";
import { coreMembers } from "./members.ts";
import type { BlobName } from "./messages.ts";
import type { NodeDeps } from "./node.ts";
import { createOpenFiles, type OpenFiles } from "./open-files.ts";
import type { Trust } from "./trust.ts";
import { isOnline } from "./view.ts";

/** Everything that faces other machines. */
export interface Outside {
	readonly discovery: Discovery;
	readonly transport: Transport;
	readonly gossip: Gossip;
	readonly keeping: Keeping;
	readonly files: BlobFiles;
	readonly openFiles: OpenFiles;
	/** Who can be reached now. */
	readonly links: () => readonly LinkView[];
	/** Why a machine that is there can't be worked with; null: there is none such. */
	readonly strangeVersion: () => string | null;
	/** Gets a blob onto this disk; `first` are asked before all others. */
	fetch(blob: BlobName, first: readonly string[]): Promise<Result<void, BlobFault>>;
	/** Members, or where they are, may be others now. `isOwn`: by this machine's doing, so that all must hear of it. */
	syncMembers(isOwn: boolean): void;
}

/** What it is made of beside what the node is. */
export interface OutsideDeps extends NodeDeps {
	readonly trust: Trust;
	readonly incarnation: string;
	readonly port: number;
	readonly hostRecord: HostRecord;
	isPairing(): boolean;
	state(): CoreState;
	tell(happening: Happening): void;
	onFrame(from: string, frame: Frame): void;
	/** Something people see has changed. */
	onNews(): void;
}

/** Reaches nobody until discovery is started. */
export function createOutside(deps: OutsideDeps): Outside {
	const { start, trust, clock, log } = deps;
	const { membership, identity } = trust;
	const files = createBlobFiles(start.paths.blobs);
	let links: readonly LinkView[] = [];
	let strangeVersion: string | null = null;

	const discovery = createDiscovery({
		deviceId: identity.deviceId,
		name: start.name,
		port: deps.port,
		clock,
		log,
		memory: trust.memory,
		isPairing: deps.isPairing,
		isMember: (deviceId) => membership.isMember(deviceId),
		onFound: ({ deviceId }) => call(deviceId),
		onGone: () => {},
		...(deps.beaconPort === undefined ? {} : { beaconPort: deps.beaconPort }),
	});
	const transport = createTransport({
		...trust,
		name: () => start.name,
		incarnation: deps.incarnation,
		version: start.version,
		port: () => deps.port,
		clock,
		log,
		random: Math.random,
		blobs: files,
		onFrame: (from, frame) => deps.onFrame(from, frame),
		onLinks(next) {
			links = next;
			gossip.noteLinks(next);
		},
		onMembersChanged: () => syncMembers(false),
		onOtherProtocol(deviceId) {
			const name = membership.view().members.get(deviceId)?.name ?? deviceId;
			strangeVersion = `${name} runs another version of Nightshift that this one can't work with. Install the same version on both.`;
		},
	});
	const send = (to: string, frame: Frame): boolean => transport.send(to, frame);
	const gossip = createGossip({ discovery, send, onTold, origin: start.origin }, start.hosting);
	const fetch = (blob: BlobName, first: readonly string[]) =>
		transport.fetchBlob({ ...blob, from: holders(first, hostOf(deps.state())?.device ?? null, links) });
	const isThere = (deviceId: string): boolean => isOnline(deps.state(), deviceId);
	const openFiles = createOpenFiles(transport.openBlob);
	const keeping = createKeeping({ log, files, send, fetch, isThere });

	function onTold(from: string, why: Parameters<HostRecord["told"]>[1] | null): void {
		if (why !== null) deps.hostRecord.told(from, why);
		tellMembers();
	}

	function tellMembers(): void {
		deps.tell({ kind: "members-changed", members: coreMembers(membership.view(), gossip.told) });
	}

	function call(deviceId: string): void {
		if (!membership.isMember(deviceId) || deviceId === identity.deviceId) return;
		transport.know(deviceId, discovery.addressesOf(deviceId));
	}

	function syncMembers(isOwn: boolean): void {
		const { members } = membership.view();
		gossip.keepOnly(new Set(members.keys()));
		tellMembers();
		for (const deviceId of members.keys()) call(deviceId);
		if (isOwn) transport.announceMembers();
		deps.onNews();
	}

	return {
		...{ discovery, transport, gossip, keeping, files, openFiles, fetch, syncMembers },
		links: () => links,
		strangeVersion: () => strangeVersion,
	};
}

/** Whom to ask for a blob: those likeliest to have it first, then everybody in reach. */
function holders(first: readonly string[], host: string | null, links: readonly LinkView[]): readonly string[] {
	const all = [...first, ...(host === null ? [] : [host]), ...links.map(({ deviceId }) => deviceId)];
	return [...new Set(all)];
}
