/** Addresses that members told of one another. Not written down: members tell them again. */
import type { Clock } from "../../base/base.ts";
import { type DeviceId, deviceIdSchema } from "../identity/identity.ts";
import { type Address, addressKey, isDialable, portSchema, type ToldAddress } from "./addresses.ts";

/** Hearsay, for a while. */
export interface ToldAddresses {
	/** Takes in what a member told: dialable addresses of other members, and no more than there is room for. */
	take(list: readonly ToldAddress[]): void;
	/** Of one machine, told last first. */
	of(deviceId: DeviceId): readonly Address[];
	/** Of all machines. */
	all(): readonly Address[];
}

/** Of one machine. */
const MOST_ADDRESSES = 8;
/** In one list: each member of a large mesh with some addresses. */
const MOST_A_LIST = 512;
/** Members tell each other every some minutes; what was not told for so long has changed. */
export const TOLD_LIFE_MS = 3_600_000;

/** Nothing told yet. Machines are bounded by `isMember`: a mesh has so many members and no more. */
export function createToldAddresses(clock: Clock, isMember: (deviceId: DeviceId) => boolean): ToldAddresses {
	/** By machine, told last first. */
	const told = new Map<DeviceId, readonly { readonly address: Address; readonly atMs: number }[]>();

	/** Also forgets what is too old, and who is a member no more. */
	function current(deviceId: DeviceId): readonly { readonly address: Address; readonly atMs: number }[] {
		const young = (told.get(deviceId) ?? []).filter(({ atMs }) => clock.monotonicMs() - atMs < TOLD_LIFE_MS);
		if (young.length === 0 || !isMember(deviceId)) {
			told.delete(deviceId);
			return [];
		}
		return young;
	}

	return {
		take(list) {
			for (const { deviceId, host, port } of list.slice(0, MOST_A_LIST)) {
				if (!deviceIdSchema.safeParse(deviceId).success || !isMember(deviceId)) continue;
				if (!isDialable(host) || !portSchema.safeParse(port).success) continue;
				const address = { host, port };
				const others = current(deviceId).filter((one) => addressKey(one.address) !== addressKey(address));
				told.set(deviceId, [{ address, atMs: clock.monotonicMs() }, ...others].slice(0, MOST_ADDRESSES));
			}
		},
		of: (deviceId) => current(deviceId).map(({ address }) => address),
		all: () => [...told.keys()].flatMap((deviceId) => current(deviceId).map(({ address }) => address)),
	};
}
