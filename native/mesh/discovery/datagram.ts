/** The beacon's datagrams: JSON, small, with a version. */
import { z } from "zod";
import { parseJson } from "../../base/base.ts";
import { deviceIdSchema, toDeviceName } from "../identity/identity.ts";
import { portSchema } from "./addresses.ts";
import type { Advert } from "./advert.ts";

/**
 * What a datagram is for. `announce`: to a whole subnet; answered by those that did not know its sender. `probe`: to one address
 * where a machine may be; always answered, for where it comes from nobody may hear broadcasts of the other. `answer` and `leave`:
 * never answered.
 */
export type BeaconKind = "announce" | "probe" | "answer" | "leave";

/** A datagram that was heard. */
export interface Beacon extends Advert {
	readonly kind: BeaconKind;
}

/** Longer ones are none of ours, and are not read. Fits every network without being cut in pieces. */
export const MOST_BEACON_BYTES = 1_200;
/**
 * Announcements and probes are filled up to this with spaces. An answer is longer than none of them, so nobody can use us to send
 * a victim more than he sent himself. An id, a name of 64 characters (192 octets) and the rest come to less than 350.
 */
export const QUESTION_BYTES = 512;
const BEACON_VERSION = 1;
const MOST_NAME_CHARACTERS = 256;

const beaconSchema = z.object({
	nightshift: z.literal(BEACON_VERSION),
	kind: z.enum(["announce", "probe", "answer", "leave"]),
	id: deviceIdSchema,
	name: z.string().max(MOST_NAME_CHARACTERS).transform(toDeviceName),
	port: portSchema,
	pairing: z.boolean(),
});

/** Writes a datagram. */
export function writeBeacon(kind: BeaconKind, { deviceId, name, port, isPairing }: Advert): Uint8Array {
	const beacon: z.input<typeof beaconSchema> = {
		nightshift: BEACON_VERSION,
		kind,
		id: deviceId,
		name: toDeviceName(name),
		port,
		pairing: isPairing,
	};
	const octets = Buffer.from(JSON.stringify(beacon));
	if (kind !== "announce" && kind !== "probe") return octets;
	return Buffer.concat([octets, Buffer.alloc(Math.max(0, QUESTION_BYTES - octets.length), " ")]);
}

/** Reads a datagram; null: it is none of ours, or of another version. */
export function readBeacon(octets: Uint8Array): Beacon | null {
	if (octets.length > MOST_BEACON_BYTES) return null;
	// Octets that are no text become signs that no id holds, and a name may.
	const parsed = beaconSchema.safeParse(parseJson(new TextDecoder().decode(octets)));
	if (!parsed.success) return null;
	const { kind, id, name, port, pairing } = parsed.data;
	return { kind, deviceId: id, name, port, isPairing: pairing };
}
