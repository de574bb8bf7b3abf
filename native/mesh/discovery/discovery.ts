/**
 * Where other machines may be reached: those that are heard on the networks of this computer, those reached before, those that
 * members told of, and those that people typed. Knows ids, names and addresses and nothing else; all of it is hearsay. Must never
 * judge who a machine is (its certificate does), whether it lives (its heartbeats do) or who belongs to the mesh, and must never
 * let anything that the network does or says end the process.
 *
 * IPv6 is left out: its local addresses need zones, and `bonjour-service` has no sockets for it. A typed IPv6 address is kept for dialling.
 */
import { networkInterfaces } from "node:os";
import { type Clock, errorCode, type Log, type Result } from "../../base/base.ts";
import { type DeviceId, toDeviceName } from "../identity/identity.ts";
import type { AddressFault, AddressMemory, TypedAddress } from "./address-memory.ts";
import { type Address, addressKey, type KnownAddress, type ToldAddress } from "./addresses.ts";
import type { Advert } from "./advert.ts";
import { BEACON_PORT, createBeacon } from "./beacon.ts";
import { interfaceKey, isOnLink, type NetworkInterface, usableInterfaces } from "./interfaces.ts";
import { createMulticast } from "./multicast.ts";
import { createProbePlan } from "./probe-plan.ts";
import { createSightings, type Sighting } from "./sightings.ts";
import { createToldAddresses } from "./told-addresses.ts";
import { type DiscoveryTrouble, describeTrouble, noNetwork } from "./trouble.ts";

export * from "./address-memory.ts";
export * from "./addresses.ts";
export { BEACON_PORT } from "./beacon.ts";
export type { Sighting } from "./sightings.ts";
export type { DiscoveryTrouble } from "./trouble.ts";

/** What discovery is made from. */
export interface DiscoveryDeps {
	readonly deviceId: DeviceId;
	/** What this machine is called, until `announce` says otherwise. */
	readonly name: string;
	/** Where others find this machine's door. */
	readonly port: number;
	readonly clock: Clock;
	readonly log: Log;
	readonly memory: AddressMemory;
	/** Whether this machine shows a pairing code. Call `announce` when it changes. */
	isPairing(): boolean;
	isMember(deviceId: DeviceId): boolean;
	/** Called for an address at which a machine was not heard lately, or says something new of itself. */
	onFound(sighting: Sighting): void;
	/** Called when a machine is not heard any more at an address. */
	onGone(sighting: Sighting): void;
	/** UDP. All machines that are to find each other have the same; tests have one of their own. */
	readonly beaconPort?: number;
}

/** Finding other machines. */
export interface Discovery {
	/** Begins to look and to be seen. Never fails: what does not work is tried again, and `trouble` says it. */
	start(): Promise<void>;
	/** Says goodbye, within half a second, and writes what is to be remembered. */
	stop(): Promise<void>;
	/** Tells others at once what has changed: the name, or what `isPairing` answers. */
	announce(change: { readonly name?: string }): void;
	/** Who was heard within the last seconds, strangers included: members first, then machines that are pairing. */
	sightings(): readonly Sighting[];
	/** Where a machine may be: where it is heard, best first, then where it was reached, where members say it is, where it was typed. */
	addressesOf(deviceId: DeviceId): readonly KnownAddress[];
	/** A machine answered at this address, and its certificate was the machine's. */
	reached(deviceId: DeviceId, address: Address): void;
	/** Where members say that other members are. */
	told(list: readonly ToldAddress[]): void;
	/** Keeps an address that somebody typed, until `forget`, and asks there at once. */
	typed(host: string, port: number): Promise<Result<void, AddressFault>>;
	forget(host: string, port: number): Promise<Result<void, AddressFault>>;
	/** Those typed, and who was reached there. To be dialled also while nobody was. */
	typedAddresses(): readonly TypedAddress[];
	/** After a sleep, or when the networks changed: all sockets are made anew, and everybody is asked now. */
	refresh(): void;
	/** What does not work at the moment, in words. */
	trouble(): readonly DiscoveryTrouble[];
}

/** How often interfaces are looked at, and sightings swept. */
const LOOK_MS = 2_000;
/** Between two rounds of asking and telling, with `PULSE_JITTER_MS` so that machines started together drift apart. */
const PULSE_MS = 4_750;
const PULSE_JITTER_MS = 500;
/** Rounds after something was opened: right away, and twice more, because the first datagrams of an interface are often lost. */
const BURST_MS: readonly number[] = [100, 900, 2_000];
/** Between two refreshes: systems tell of one change of network by many events. */
const REFRESH_PAUSE_MS = 1_000;
/** Between two looks; more is a sleep, of which no system tells for certain. */
const SLEEP_GAP_MS = 10_000;

/** Prepares it; nothing is opened before `start`. */
export function createDiscovery(deps: DiscoveryDeps): Discovery {
	return new Lookout(deps);
}

class Lookout implements Discovery {
	readonly #deps: DiscoveryDeps;
	readonly #sightings;
	readonly #told;
	readonly #multicast;
	readonly #beacon;
	readonly #probes;
	#name: string;
	#interfaces: readonly NetworkInterface[] = [];
	/** Why the system did not say which interfaces there are. */
	#blindness: string | null = null;
	#isRunning = false;
	#lookTimer: NodeJS.Timeout | undefined;
	#pulseTimer: NodeJS.Timeout | undefined;
	/** Rounds still to come before the usual pace. */
	#burst: readonly number[] = [];
	/** Set while a refresh would come too soon after another: at its end there is one more, if one was asked for. */
	#refreshTimer: NodeJS.Timeout | undefined;
	#isRefreshDue = false;
	#lookedAt = { wallMs: 0, monotonicMs: 0 };

	constructor(deps: DiscoveryDeps) {
		const { clock, log, deviceId, beaconPort = BEACON_PORT } = deps;
		this.#deps = deps;
		this.#name = toDeviceName(deps.name);
		const advert = () => this.#advert();
		this.#sightings = createSightings({
			ownId: deviceId,
			clock,
			isMember: (id) => deps.isMember(id),
			onFound: (sighting) => deps.onFound(sighting),
			onGone: (sighting) => deps.onGone(sighting),
		});
		this.#told = createToldAddresses(clock, (id) => deps.isMember(id));
		this.#probes = createProbePlan(clock);
		this.#multicast = createMulticast({
			clock,
			log,
			advert,
			onHeard: (heard, host) => void this.#hear(heard, heard.isLeaving, host, "bonjour"),
		});
		this.#beacon = createBeacon({
			clock,
			log,
			beaconPort,
			advert,
			onHeard: (heard, host) => this.#hear(heard, heard.kind === "leave", host, "beacon"),
		});
	}

	async start(): Promise<void> {
		this.#isRunning = true;
		this.#mark();
		this.#look();
		this.#lookTimer = setInterval(() => this.#look(), LOOK_MS);
	}

	async stop(): Promise<void> {
		if (!this.#isRunning) return;
		this.#isRunning = false;
		clearInterval(this.#lookTimer);
		clearTimeout(this.#pulseTimer);
		clearTimeout(this.#refreshTimer);
		this.#refreshTimer = undefined;
		const far = this.#sightings.list().flatMap(({ host }) => (this.#isNear(host) ? [] : [host]));
		await Promise.all([this.#multicast.stop(), this.#beacon.stop(this.#interfaces, far)]);
		this.#sightings.clear();
		await this.#deps.memory.flush();
	}

	announce({ name }: { readonly name?: string }): void {
		if (name !== undefined) this.#name = toDeviceName(name);
		if (!this.#isRunning) return;
		// The library can't change what it says: it is made anew with other words, without a goodbye.
		this.#multicast.restart();
		this.#look();
	}

	sightings(): readonly Sighting[] {
		return this.#sightings.list();
	}

	addressesOf(deviceId: DeviceId): readonly KnownAddress[] {
		const { memory } = this.#deps;
		const typed = memory.typed().filter((address) => address.deviceId === deviceId);
		const known: readonly KnownAddress[] = [
			...this.#sightings.of(deviceId).map(({ host, port, source }) => ({ host, port, source })),
			...memory.remembered(deviceId).map(({ host, port }) => ({ host, port, source: "remembered" as const })),
			...this.#told.of(deviceId).map(({ host, port }) => ({ host, port, source: "told" as const })),
			...typed.map(({ host, port }) => ({ host, port, source: "typed" as const })),
		];
		const keys = known.map(addressKey);
		return known.filter((address, at) => keys.indexOf(addressKey(address)) === at);
	}

	reached(deviceId: DeviceId, address: Address): void {
		this.#sightings.prove(deviceId, address);
		this.#deps.memory.reached(deviceId, address);
	}

	told(list: readonly ToldAddress[]): void {
		this.#told.take(list);
	}

	async typed(host: string, port: number): Promise<Result<void, AddressFault>> {
		const kept = await this.#deps.memory.addTyped({ host, port });
		if (kept.ok && this.#isRunning) this.#beacon.probe([host]);
		return kept;
	}

	forget(host: string, port: number): Promise<Result<void, AddressFault>> {
		return this.#deps.memory.removeTyped({ host, port });
	}

	typedAddresses(): readonly TypedAddress[] {
		return this.#deps.memory.typed();
	}

	refresh(): void {
		if (!this.#isRunning) return;
		this.#isRefreshDue = this.#refreshTimer !== undefined;
		if (this.#isRefreshDue) return;
		this.#renew();
		this.#look();
		this.#beginBurst();
		this.#refreshTimer = setTimeout(() => {
			this.#refreshTimer = undefined;
			if (this.#isRefreshDue) this.refresh();
		}, REFRESH_PAUSE_MS);
	}

	trouble(): readonly DiscoveryTrouble[] {
		if (!this.#isRunning) return [];
		if (this.#blindness !== null) return [describeTrouble("multicast", null, this.#blindness, process.platform)];
		if (this.#interfaces.length === 0) return [noNetwork];
		// The same refusal of both ways on one network is one trouble.
		const all = [...this.#multicast.trouble(), ...this.#beacon.trouble()];
		return all.filter(({ message }, at) => all.findIndex((other) => other.message === message) === at);
	}

	#advert(): Advert {
		const { deviceId, port } = this.#deps;
		return { deviceId, port, name: this.#name, isPairing: this.#deps.isPairing() };
	}

	#hear(advert: Advert, isLeaving: boolean, host: string, source: Sighting["source"]): boolean {
		if (!this.#isRunning) return false;
		if (!isLeaving) return this.#sightings.hear(advert, host, source);
		this.#sightings.leave(advert.deviceId, host);
		return false;
	}

	#look(): void {
		if (this.#hasSlept()) {
			// What was heard before it says nothing about now, and sockets may be dead without knowing it.
			this.#sightings.clear();
			this.#renew();
		}
		const before = this.#interfaces.map(interfaceKey).join();
		this.#interfaces = this.#readInterfaces();
		const isChanged = before !== this.#interfaces.map(interfaceKey).join();
		this.#beacon.look();
		const isOpened = this.#multicast.look(this.#interfaces);
		this.#sightings.sweep();
		if (isChanged || isOpened) this.#beginBurst();
	}

	/** Closes everything; the next look opens it anew. */
	#renew(): void {
		this.#multicast.restart();
		this.#beacon.restart();
		this.#probes.reset();
	}

	/** By both clocks: the monotonic one stands still in a sleep on Linux, and goes on elsewhere. */
	#hasSlept(): boolean {
		const { wallMs, monotonicMs } = this.#lookedAt;
		const now = this.#mark();
		return now.wallMs - wallMs > SLEEP_GAP_MS || now.monotonicMs - monotonicMs > SLEEP_GAP_MS;
	}

	#mark(): { readonly wallMs: number; readonly monotonicMs: number } {
		this.#lookedAt = { wallMs: this.#deps.clock.nowMs(), monotonicMs: this.#deps.clock.monotonicMs() };
		return this.#lookedAt;
	}

	#readInterfaces(): readonly NetworkInterface[] {
		try {
			const found = usableInterfaces(networkInterfaces());
			this.#blindness = null;
			return found;
		} catch (error) {
			// A sandbox may forbid the question.
			const code = errorCode(error);
			if (code === "") throw error;
			this.#blindness = code;
			return [];
		}
	}

	#beginBurst(): void {
		this.#burst = BURST_MS;
		this.#scheduleIn();
	}

	#scheduleIn(): void {
		const [next, ...rest] = this.#burst;
		this.#burst = rest;
		clearTimeout(this.#pulseTimer);
		const pauseMs = next ?? PULSE_MS + Math.random() * PULSE_JITTER_MS;
		this.#pulseTimer = setTimeout(() => this.#pulse(next !== undefined), pauseMs);
	}

	#pulse(isUrgent: boolean): void {
		this.#multicast.query(isUrgent);
		this.#beacon.announce(this.#interfaces);
		const { memory } = this.#deps;
		const hosts = [...memory.typed(), ...memory.all(), ...this.#told.all()].map(({ host }) => host);
		const far = hosts.filter((host) => !(this.#isNear(host) && this.#sightings.isHeard(host)) && !this.#isOwn(host));
		this.#beacon.probe(this.#probes.due(far, (host) => this.#sightings.isHeard(host)));
		this.#scheduleIn();
	}

	#isOwn(host: string): boolean {
		return this.#interfaces.some(({ address }) => address === host);
	}

	/** Tells whether a host is where broadcasts reach it. */
	#isNear(host: string): boolean {
		return this.#interfaces.some((link) => isOnLink(link, host));
	}
}
