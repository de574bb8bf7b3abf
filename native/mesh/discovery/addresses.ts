/** Addresses under which a machine may be. All of them are hints: who really is there is shown by its certificate. */
import { isIP, isIPv4 } from "node:net";
import { z } from "zod";
import type { DeviceId } from "../identity/identity.ts";

/** Where something may be dialled. */
export interface Address {
	/** An IP address, or where people typed it a name. */
	readonly host: string;
	readonly port: number;
}

/** Where an address is known from, best first: heard just now, dialled with success before, told by a peer, typed by somebody. */
export type AddressSource = "bonjour" | "beacon" | "remembered" | "told" | "typed";

/** An address of one machine, and why it is thought to be. */
export interface KnownAddress extends Address {
	readonly source: AddressSource;
}

/** An address that a member told of another machine. */
export interface ToldAddress extends Address {
	readonly deviceId: DeviceId;
}

/** Names of the DNS are no longer. */
const MOST_HOST_CHARACTERS = 253;
const HOST_NAME = /^[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i;
const ALL_DIGITS = /^[0-9.]+$/;

/** Schema of a port that can be dialled. */
export const portSchema = z.int().min(1).max(65_535);

/** Schema of an address that somebody typed: an IP address of either family (a zone is allowed) or a name. */
export const addressSchema = z.strictObject({
	host: z
		.string()
		.max(MOST_HOST_CHARACTERS)
		.refine((host) => isIP(host) !== 0 || (HOST_NAME.test(host) && !ALL_DIGITS.test(host)), "No address of a machine"),
	port: portSchema,
});

/** An address as one text; equal for equal addresses. */
export function addressKey({ host, port }: Address): string {
	return `${host.toLowerCase()} ${port}`;
}

/** An IPv4 address as a number of 32 bits. */
export function ipv4Number(address: string): number {
	return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** Tells whether others may send us to this host: one machine on some network, in IPv4, and never this computer itself. */
export function isDialable(host: string): boolean {
	if (!isIPv4(host)) return false;
	const [first = 0] = host.split(".").map(Number);
	return first !== 0 && first !== 127 && first < 224;
}
