/** What machines tell each other beside the core's words: what they are and do, and where they reach whom. */
import type { MachineAbout, MeshHost } from "../../contract/contract.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { Frame, LinkView, ToldAddress } from "../transport/transport.ts";
import type { Hosting } from "./messages.ts";
import { parseAddress } from "./parse-address.ts";
import type { Told } from "./view.ts";

/** The talk of members. */
export interface Gossip {
	/** What each machine said of itself last. */
	readonly told: ReadonlyMap<string, Told>;
	readonly own: Told | null;
	/** What this machine is and does now; told to all in reach. */
	say(change: {
		readonly about?: MachineAbout;
		readonly hosting?: Hosting;
		readonly why?: MeshHost["why"] | null;
	}): void;
	/** Others can be reached now, or can't. */
	noteLinks(links: readonly LinkView[]): void;
	receive(from: string, frame: Extract<Frame, { readonly kind: "about" | "addresses" }>): void;
	/** Forgets who is no member. */
	keepOnly(members: ReadonlySet<string>): void;
}

/** What gossip is made of. */
export interface GossipDeps {
	readonly discovery: Pick<Discovery, "told" | "reached">;
	/** Name of this machine's log. */
	readonly origin: string;
	send(to: string, frame: Frame): boolean;
	/** A machine said how it wants to be as host, or why it is host. */
	onTold(from: string, why: MeshHost["why"] | null): void;
}

/** Nothing was said yet. `hosting`: as the settings have it. */
export function createGossip(deps: GossipDeps, hosting: Hosting): Gossip {
	const told = new Map<string, Told>();
	let about: MachineAbout | null = null;
	let wanted = hosting;
	let why: MeshHost["why"] | null = null;
	let links: readonly LinkView[] = [];

	function aboutFrame(): Frame | null {
		return about === null ? null : { kind: "about", about, hosting: wanted, why, origin: deps.origin };
	}

	function sendTo(devices: readonly string[], frame: Frame | null): void {
		if (frame !== null) for (const to of devices) deps.send(to, frame);
	}

	return {
		told,
		get own() {
			return about === null ? null : { about, hosting: wanted, origin: deps.origin };
		},
		say(change) {
			about = change.about ?? about;
			wanted = change.hosting ?? wanted;
			if (change.why !== undefined) why = change.why;
			sendTo(
				links.map(({ deviceId }) => deviceId),
				aboutFrame(),
			);
		},
		noteLinks(next) {
			const before = new Set(links.map(({ deviceId }) => deviceId));
			links = next;
			const devices = next.map(({ deviceId }) => deviceId);
			const fresh = devices.filter((deviceId) => !before.has(deviceId));
			if (fresh.length === 0) return;
			for (const link of next) rememberReached(deps.discovery, link);
			sendTo(fresh, aboutFrame());
			sendTo(devices, { kind: "addresses", addresses: addressesIn(next) });
		},
		receive(from, frame) {
			if (frame.kind === "addresses") return deps.discovery.told(frame.addresses);
			told.set(from, { about: frame.about, hosting: frame.hosting, origin: frame.origin });
			deps.onTold(from, frame.why);
		},
		keepOnly(members) {
			for (const deviceId of [...told.keys()]) if (!members.has(deviceId)) told.delete(deviceId);
		},
	};
}

function addressesIn(links: readonly LinkView[]): readonly ToldAddress[] {
	return links.flatMap(({ deviceId, address }) => {
		const parsed = address === null ? null : withPort(address);
		return parsed === null ? [] : [{ deviceId, ...parsed }];
	});
}

function rememberReached(discovery: Pick<Discovery, "reached">, { deviceId, address }: LinkView): void {
	const parsed = address === null ? null : withPort(address);
	if (parsed !== null) discovery.reached(deviceId, parsed);
}

/** Without a port the other side called, from a port that is of no use to anybody. */
function withPort(address: string): { readonly host: string; readonly port: number } | null {
	if (!/:\d+$/.test(address)) return null;
	const parsed = parseAddress(address);
	return parsed.ok ? parsed.value : null;
}
