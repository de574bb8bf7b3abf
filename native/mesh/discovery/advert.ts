/** What machines say of themselves to everybody: as TXT records of multicast DNS, and how what others say is read. */
import { z } from "zod";
import { type DeviceId, deviceIdSchema, toDeviceName } from "../identity/identity.ts";
import { portSchema } from "./addresses.ts";

/** What this machine says of itself. */
export interface Advert {
	readonly deviceId: DeviceId;
	readonly name: string;
	/** Where its door is. */
	readonly port: number;
	/** Whether it shows a code right now, for machines that would join. */
	readonly isPairing: boolean;
}

/** What was heard of a machine in one packet. */
export interface HeardAdvert extends Advert {
	/** It says that it goes. */
	readonly isLeaving: boolean;
}

/** The service type, as `_nightshift._tcp`. */
export const SERVICE_TYPE = "nightshift";
/** What is asked for, and what all our instances are listed under. */
export const SERVICE_DOMAIN = `_${SERVICE_TYPE}._tcp.local`;
/** Adverts of another version may mean another thing by the same words. */
const ADVERT_VERSION = "1";
/** An id is 52 characters; that many tell all machines of a network apart and leave the label (63 octets) room. */
const INSTANCE_DIGITS = 16;
/** Machines listed in one packet: each speaks for itself only. */
const MOST_ADVERTS_A_PACKET = 4;
/** Records looked at in one packet: a datagram of 9,000 octets could hold a thousand. */
const MOST_RECORDS = 256;

/** The name of this machine's instance and of its host in the domain `local`: never another program's, as the computer's own may be. */
export function instanceName(deviceId: DeviceId): string {
	return `nightshift-${deviceId.slice(0, INSTANCE_DIGITS)}`;
}

/** The TXT record. Each entry has room: 255 octets, and a name of 64 characters has at most 192. */
export function writeTxt({ deviceId, name, isPairing }: Advert): Readonly<Record<string, string>> {
	return { v: ADVERT_VERSION, id: deviceId, name: toDeviceName(name), pairing: isPairing ? "1" : "0" };
}

const recordSchema = z.object({ name: z.string(), type: z.string(), ttl: z.number().optional(), data: z.unknown() });
const packetSchema = z.object({
	answers: z.array(z.unknown()).default([]),
	additionals: z.array(z.unknown()).default([]),
});
const targetSchema = z.object({ port: portSchema });
const octetsSchema = z.array(z.instanceof(Uint8Array)).max(32);

type ServiceRecord = z.infer<typeof recordSchema>;

/** The machines of ours that a decoded response tells of. The packet is anybody's: nothing in it is taken for granted. */
export function readResponse(packet: unknown): readonly HeardAdvert[] {
	const parsed = packetSchema.safeParse(packet);
	if (!parsed.success) return [];
	const raw = [...parsed.data.answers, ...parsed.data.additionals].slice(0, MOST_RECORDS);
	const records = raw.flatMap((record) => recordSchema.safeParse(record).data ?? []);
	return records
		.filter(({ type, name }) => type === "PTR" && isSameName(name, SERVICE_DOMAIN))
		.slice(0, MOST_ADVERTS_A_PACKET)
		.flatMap((pointer) => readInstance(pointer, records) ?? []);
}

function readInstance(pointer: ServiceRecord, records: readonly ServiceRecord[]): HeardAdvert | null {
	const instance = typeof pointer.data === "string" ? pointer.data : "";
	const of = (type: string) =>
		records.find((record) => record.type === type && isSameName(record.name, instance))?.data;
	const target = targetSchema.safeParse(of("SRV"));
	const octets = octetsSchema.safeParse(of("TXT"));
	if (!target.success || !octets.success) return null;
	const txt = readTxt(octets.data);
	const deviceId = deviceIdSchema.safeParse(txt.get("id"));
	if (!deviceId.success || txt.get("v") !== ADVERT_VERSION) return null;
	return {
		deviceId: deviceId.data,
		name: toDeviceName(txt.get("name") ?? ""),
		port: target.data.port,
		isPairing: txt.get("pairing") === "1",
		isLeaving: pointer.ttl === 0,
	};
}

function readTxt(entries: readonly Uint8Array[]): ReadonlyMap<string, string> {
	const decoder = new TextDecoder();
	return new Map(
		entries.map((entry) => {
			const text = decoder.decode(entry);
			const at = text.indexOf("=");
			return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
		}),
	);
}

/** Names of the DNS are the same in any case. */
function isSameName(one: string, other: string): boolean {
	return one.length === other.length && one.toLowerCase() === other.toLowerCase();
}
