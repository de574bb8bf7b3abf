/**
 * The beacon: a datagram to every subnet every few seconds, and to addresses where machines may be, as Syncthing's local discovery
 * has it. It finds machines where multicast is swallowed, and beyond the subnet. Owns one socket. Must never answer more than it
 * was asked, nor let an error of the network reach the process.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { type Clock, errorCode, type Log } from "../../base/base.ts";
import type { Advert } from "./advert.ts";
import { createAnswerLimit } from "./answer-limit.ts";
import { createBackoff } from "./backoff.ts";
import { type Beacon, type BeaconKind, readBeacon, writeBeacon } from "./datagram.ts";
import { interfaceKey, type NetworkInterface } from "./interfaces.ts";
import { type DiscoveryTrouble, describeTrouble } from "./trouble.ts";

/** Where every machine listens for beacons (UDP), one above the service's own port. Fixed: nobody could be told another. */
export const BEACON_PORT = 22_008;
/** A goodbye that is not gone by then is not sent. */
const GOODBYE_MS = 500;

/** What a beacon is made from. */
export interface BeaconDeps {
	readonly clock: Clock;
	readonly log: Log;
	/** UDP, of all machines. */
	readonly beaconPort: number;
	/** What this machine says of itself at the moment. */
	advert(): Advert;
	/** Somebody said something; own words are among it. Answers whether it was news. */
	onHeard(beacon: Beacon, host: string): boolean;
}

/** One socket for all interfaces. */
export interface BeaconSocket {
	/** Opens the socket where it is closed and due. */
	look(): void;
	/** Says who this machine is to everybody on these subnets. */
	announce(interfaces: readonly NetworkInterface[]): void;
	/** Asks at these hosts, IPv4 addresses or names, who is there. */
	probe(hosts: readonly string[]): void;
	/** Closes the socket, so that the next look opens another. */
	restart(): void;
	trouble(): readonly DiscoveryTrouble[];
	/** Says goodbye on these subnets and at these hosts, and closes. */
	stop(interfaces: readonly NetworkInterface[], hosts: readonly string[]): Promise<void>;
}

/** Not open before the first look. */
export function createBeacon(deps: BeaconDeps): BeaconSocket {
	return new OneSocket(deps);
}

class OneSocket implements BeaconSocket {
	readonly #deps: BeaconDeps;
	readonly #limit;
	readonly #backoff;
	/** Why the last announcement on an interface failed, by its key. */
	readonly #refusals = new Map<string, DiscoveryTrouble>();
	#socket: Socket | null = null;
	#isBound = false;
	/** Of the last failure of the socket itself; null since it was bound. */
	#portCode: string | null = null;

	constructor(deps: BeaconDeps) {
		this.#deps = deps;
		this.#limit = createAnswerLimit(deps.clock);
		this.#backoff = createBackoff(deps.clock);
	}

	look(): void {
		if (this.#socket === null && this.#backoff.isDue()) this.#open();
	}

	announce(interfaces: readonly NetworkInterface[]): void {
		const present = new Set(interfaces.map(interfaceKey));
		for (const key of this.#refusals.keys()) if (!present.has(key)) this.#refusals.delete(key);
		void this.#broadcast("announce", interfaces);
	}

	probe(hosts: readonly string[]): void {
		void this.#sendTo("probe", hosts);
	}

	restart(): void {
		this.#close();
		this.#refusals.clear();
	}

	trouble(): readonly DiscoveryTrouble[] {
		const ofPort =
			this.#portCode === null ? [] : [describeTrouble("beacon-port", null, this.#portCode, process.platform)];
		return [...ofPort, ...this.#refusals.values()];
	}

	async stop(interfaces: readonly NetworkInterface[], hosts: readonly string[]): Promise<void> {
		const isSaid = Promise.all([this.#broadcast("leave", interfaces), this.#sendTo("leave", hosts)]);
		let timer: NodeJS.Timeout | undefined;
		const isLate = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, GOODBYE_MS);
		});
		await Promise.race([isSaid, isLate]);
		clearTimeout(timer);
		this.#close();
	}

	#open(): void {
		const opened = createSocket({ type: "udp4", reuseAddr: true });
		this.#socket = opened;
		this.#backoff.begin();
		opened.on("message", (octets, { address }) => this.#hear(octets, address));
		opened.on("error", (error) => {
			if (this.#socket === opened) this.#fail(errorCode(error));
		});
		opened.bind(this.#deps.beaconPort, "0.0.0.0", () => {
			// It may have been closed while it was being bound.
			if (this.#socket !== opened) return;
			opened.setBroadcast(true);
			this.#isBound = true;
			this.#portCode = null;
		});
	}

	#fail(code: string): void {
		const { log, beaconPort } = this.#deps;
		if (this.#portCode !== code) {
			log.warn({ code, port: beaconPort }, "the beacon's socket does not work; it is opened again");
		}
		this.#portCode = code;
		this.#backoff.fail();
		this.#close();
	}

	#close(): void {
		const closing = this.#socket;
		this.#socket = null;
		this.#isBound = false;
		closing?.close();
	}

	#hear(octets: Buffer, host: string): void {
		const beacon = readBeacon(octets);
		if (beacon === null) return;
		const isNews = this.#deps.onHeard(beacon, host);
		const advert = this.#deps.advert();
		const isAsking = beacon.kind === "probe" || (beacon.kind === "announce" && isNews);
		if (!isAsking || beacon.deviceId === advert.deviceId) return;
		const answer = writeBeacon("answer", advert);
		if (answer.length > octets.length || !this.#limit.take(host)) return;
		// To the port all machines have, not to the sender's: a made-up sender then can't turn us against anything but our own kind.
		this.#send(answer, host, () => {});
	}

	#broadcast(kind: BeaconKind, interfaces: readonly NetworkInterface[]): Promise<unknown> {
		const octets = writeBeacon(kind, this.#deps.advert());
		return Promise.all(
			interfaces.map(
				(link) =>
					new Promise<void>((resolve) => {
						this.#send(octets, link.broadcast, (error) => {
							this.#note(link, error);
							resolve();
						});
					}),
			),
		);
	}

	#note(link: NetworkInterface, error: Error | null): void {
		const key = interfaceKey(link);
		if (error === null) this.#refusals.delete(key);
		else this.#refusals.set(key, describeTrouble("beacon", link.name, errorCode(error), process.platform));
	}

	/** That nothing is there, or no way leads there, is no trouble: these are places where somebody was once. */
	#sendTo(kind: BeaconKind, hosts: readonly string[]): Promise<unknown> {
		const octets = writeBeacon(kind, this.#deps.advert());
		const reachable = hosts.filter((host) => !isIPv6(host));
		return Promise.all(
			reachable.map((host) => new Promise<void>((resolve) => this.#send(octets, host, () => resolve()))),
		);
	}

	/** A socket that is closed meanwhile may never call back: whoever waits has a limit of his own. */
	#send(octets: Uint8Array, host: string, done: (error: Error | null) => void): void {
		if (this.#socket === null || !this.#isBound) done(null);
		else this.#socket.send(octets, this.#deps.beaconPort, host, done);
	}
}
