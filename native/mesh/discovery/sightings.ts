/**
 * Who was heard lately, and where. Owns what is remembered of hearsay, and its bounds: anybody on the network may say anything
 * here. Must never let what strangers say push out a member, nor what anybody says push out an address that proved true.
 */
import type { Clock } from "../../base/base.ts";
import type { DeviceId } from "../identity/identity.ts";
import { type Address, addressKey, isDialable } from "./addresses.ts";
import type { Advert } from "./advert.ts";

/** A machine that was heard within the last seconds, at one of its addresses. Others may lie: a certificate shows who is there. */
export interface Sighting extends Address {
	readonly deviceId: DeviceId;
	/** As it calls itself. */
	readonly name: string;
	/** Whether it says that it shows a pairing code. */
	readonly isPairing: boolean;
	/** How it was last heard. */
	readonly source: "bonjour" | "beacon";
}

/** What is done about changes. */
export interface SightingsDeps {
	readonly ownId: DeviceId;
	readonly clock: Clock;
	isMember(deviceId: DeviceId): boolean;
	/** Called for an address not heard lately, or one that says something new. */
	onFound(sighting: Sighting): void;
	/** Called when a machine was not heard any more at an address, said goodbye or had to make room. */
	onGone(sighting: Sighting): void;
}

/** What was heard lately. */
export interface Sightings {
	/** Takes in what was heard. Answers whether it was news. */
	hear(advert: Advert, host: string, source: Sighting["source"]): boolean;
	/** A machine said, from this host, that it goes. */
	leave(deviceId: DeviceId, host: string): void;
	/** A machine answered at this address, and it was the machine. */
	prove(deviceId: DeviceId, address: Address): void;
	/** Tells whether somebody was heard from there lately. */
	isHeard(host: string): boolean;
	/** All that are current: members first, then machines that are pairing, then others. */
	list(): readonly Sighting[];
	/** Those of one machine: addresses that proved true first, then the one heard last. */
	of(deviceId: DeviceId): readonly Sighting[];
	/** Forgets who has not been heard for `SIGHTING_LIFE_MS`. */
	sweep(): void;
	/** Forgets everybody, as after a sleep. */
	clear(): void;
}

/**
 * How long one is current after it was heard. Machines are heard every five seconds twice, by beacon and by multicast DNS; two
 * rounds may be lost. A dead machine is thus gone within this and one sweep, and 15 seconds are promised.
 */
export const SIGHTING_LIFE_MS = 11_500;
/** Addresses of one machine: it has an interface each. The one that proved true is not among those that make room. */
const MOST_ADDRESSES = 8;
/** Strangers at the same time: more can't be shown to anybody. */
export const MOST_STRANGERS = 64;
/** Strangers at one host: some people are logged in on one computer, but a crowd is somebody making up names. */
export const MOST_STRANGERS_A_HOST = 4;
/** Strangers taken in within a second, so that a crowd costs neither time nor everybody else's place. */
const MOST_NEW_A_SECOND = 20;

interface Entry {
	sighting: Sighting;
	heardAtMs: number;
	isProven: boolean;
}

/** Nobody heard yet. */
export function createSightings(deps: SightingsDeps): Sightings {
	/** By machine, then by host: what a host says anew takes the place of what it said before. Least recently found first. */
	const machines = new Map<DeviceId, Map<string, Entry>>();
	const newcomers = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };

	const isYoung = (entry: Entry): boolean => deps.clock.monotonicMs() - entry.heardAtMs < SIGHTING_LIFE_MS;
	const entries = (): readonly Entry[] => [...machines.values()].flatMap((hosts) => [...hosts.values()]);

	function remove(deviceId: DeviceId, host: string): void {
		const hosts = machines.get(deviceId);
		const entry = hosts?.get(host);
		if (hosts === undefined || entry === undefined) return;
		hosts.delete(host);
		if (hosts.size === 0) machines.delete(deviceId);
		deps.onGone(entry.sighting);
	}

	/** Makes room for a stranger nobody knows yet; false: it is to be passed over. */
	function admitStranger(host: string): boolean {
		const nowMs = deps.clock.monotonicMs();
		if (nowMs - newcomers.sinceMs >= 1_000) Object.assign(newcomers, { sinceMs: nowMs, count: 0 });
		if (newcomers.count >= MOST_NEW_A_SECOND) return false;
		const strangers = entries().filter(({ sighting }) => !deps.isMember(sighting.deviceId));
		if (strangers.filter(({ sighting }) => sighting.host === host).length >= MOST_STRANGERS_A_HOST) return false;
		newcomers.count += 1;
		const oldest = strangers.toSorted((one, other) => one.heardAtMs - other.heardAtMs);
		for (const { sighting } of oldest.slice(0, Math.max(0, strangers.length - MOST_STRANGERS + 1))) {
			remove(sighting.deviceId, sighting.host);
		}
		return true;
	}

	/** Makes room for one more address of a machine; false: all it has proved true. */
	function admitAddress(deviceId: DeviceId): boolean {
		const hosts = [...(machines.get(deviceId)?.values() ?? [])];
		if (hosts.length < MOST_ADDRESSES) return true;
		const [oldest] = hosts.filter((entry) => !entry.isProven).sort((one, other) => one.heardAtMs - other.heardAtMs);
		if (oldest === undefined) return false;
		remove(deviceId, oldest.sighting.host);
		return true;
	}

	return {
		hear(advert, host, source) {
			const { deviceId, name, port, isPairing } = advert;
			if (deviceId === deps.ownId || !isDialable(host)) return false;
			const sighting: Sighting = { deviceId, name, host, port, isPairing, source };
			const known = machines.get(deviceId)?.get(host);
			if (known !== undefined && isYoung(known)) {
				const isNews = !isSameWord(known.sighting, sighting);
				const isProven = known.isProven && known.sighting.port === port;
				Object.assign(known, { sighting, heardAtMs: deps.clock.monotonicMs(), isProven });
				if (isNews) deps.onFound(sighting);
				return isNews;
			}
			if (known !== undefined) remove(deviceId, host);
			if (!deps.isMember(deviceId) && !admitStranger(host)) return false;
			if (!admitAddress(deviceId)) return false;
			const hosts = machines.get(deviceId) ?? new Map<string, Entry>();
			machines.set(deviceId, hosts);
			hosts.set(host, { sighting, heardAtMs: deps.clock.monotonicMs(), isProven: false });
			deps.onFound(sighting);
			return true;
		},
		leave: remove,
		prove(deviceId, address) {
			const entry = machines.get(deviceId)?.get(address.host);
			if (entry !== undefined && addressKey(entry.sighting) === addressKey(address)) entry.isProven = true;
		},
		isHeard: (host) => entries().some((entry) => entry.sighting.host === host && isYoung(entry)),
		list() {
			const rank = ({ deviceId, isPairing }: Sighting) => (deps.isMember(deviceId) ? 0 : isPairing ? 1 : 2);
			const current = entries().filter(isYoung);
			return current.map(({ sighting }) => sighting).sort((one, other) => rank(one) - rank(other));
		},
		of(deviceId) {
			const current = [...(machines.get(deviceId)?.values() ?? [])].filter(isYoung);
			current.sort((one, other) => Number(other.isProven) - Number(one.isProven) || other.heardAtMs - one.heardAtMs);
			return current.map(({ sighting }) => sighting);
		},
		sweep() {
			for (const entry of entries()) if (!isYoung(entry)) remove(entry.sighting.deviceId, entry.sighting.host);
		},
		clear() {
			for (const { sighting } of entries()) remove(sighting.deviceId, sighting.host);
		},
	};
}

/** How it was heard makes no news. */
function isSameWord(one: Sighting, other: Sighting): boolean {
	return one.port === other.port && one.name === other.name && one.isPairing === other.isPairing;
}
