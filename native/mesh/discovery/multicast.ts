/**
 * Multicast DNS on all interfaces: an instance of the wrapper for each, made anew when the interface changes or the instance
 * fails. Owns these instances. Must never let one that fails disturb another.
 */
import type { Clock, Log } from "../../base/base.ts";
import type { Advert, HeardAdvert } from "./advert.ts";
import { createBackoff } from "./backoff.ts";
import { type BonjourInstance, openBonjour } from "./bonjour.ts";
import { interfaceKey, type NetworkInterface } from "./interfaces.ts";
import { type DiscoveryTrouble, describeTrouble } from "./trouble.ts";

/** What it is made from. */
export interface MulticastDeps {
	readonly clock: Clock;
	readonly log: Log;
	/** What this machine says of itself at the moment. */
	advert(): Advert;
	onHeard(heard: HeardAdvert, host: string): void;
}

/** Multicast DNS on as many interfaces as there are. */
export interface Multicast {
	/** Opens what is new or due again and closes what is gone. Answers whether anything was opened. */
	look(interfaces: readonly NetworkInterface[]): boolean;
	/** Asks on all interfaces who is there. */
	query(isUrgent: boolean): void;
	/** Closes everything, without goodbyes, so that the next look opens it anew: with new sockets and new words. */
	restart(): void;
	trouble(): readonly DiscoveryTrouble[];
	/** Says goodbye everywhere, within `GOODBYE_MS`. */
	stop(): Promise<void>;
}

interface Place {
	readonly link: NetworkInterface;
	readonly backoff: ReturnType<typeof createBackoff>;
	/** Null while it waits to be tried again. */
	instance: BonjourInstance | null;
	/** Of the last failure, until an instance has worked for a while. */
	code: string | null;
}

/** Nothing is open before the first look. */
export function createMulticast({ clock, log, advert, onHeard }: MulticastDeps): Multicast {
	const places = new Map<string, Place>();
	/** Instances on their way out, so that a stop waits for them. */
	const closing = new Set<Promise<void>>();

	function close(instance: BonjourInstance, isFarewell: boolean): void {
		const closed = instance.close(isFarewell).finally(() => void closing.delete(closed));
		closing.add(closed);
	}

	function open(place: Place): void {
		const instance = openBonjour({
			link: place.link,
			advert: advert(),
			clock,
			onHeard,
			onFailed(code) {
				if (place.instance !== instance) return;
				place.instance = null;
				if (place.code !== code) {
					log.warn({ interface: place.link.name, code }, "multicast DNS does not work on a network; it is tried again");
				}
				place.code = code;
				place.backoff.fail();
				close(instance, false);
			},
		});
		place.instance = instance;
		place.backoff.begin();
	}

	return {
		look(interfaces) {
			const present = new Set(interfaces.map(interfaceKey));
			for (const [key, { instance }] of places) {
				if (present.has(key)) continue;
				places.delete(key);
				if (instance !== null) close(instance, false);
			}
			let isAnyOpened = false;
			for (const link of interfaces) {
				const key = interfaceKey(link);
				const place = places.get(key) ?? { link, backoff: createBackoff(clock), instance: null, code: null };
				places.set(key, place);
				if (place.instance !== null && place.backoff.hasSettled()) place.code = null;
				if (place.instance !== null || !place.backoff.isDue()) continue;
				open(place);
				isAnyOpened = true;
			}
			return isAnyOpened;
		},
		query(isUrgent) {
			for (const { instance } of places.values()) instance?.query(isUrgent);
		},
		restart() {
			for (const { instance } of places.values()) if (instance !== null) close(instance, false);
			places.clear();
		},
		trouble: () =>
			[...places.values()].flatMap(({ code, link }) =>
				code === null ? [] : [describeTrouble("multicast", link.name, code, process.platform)],
			),
		async stop() {
			for (const { instance } of places.values()) if (instance !== null) close(instance, true);
			places.clear();
			await Promise.all(closing);
		},
	};
}
