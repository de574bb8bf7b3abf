/** How large each thing may be that machines say to each other, and why. Shared by all schemas of the wire. */
import { z } from "zod";
import { deviceIdSchema } from "../../identity/identity.ts";

/** A frame in its UTF-8: `maxPayload` of the link (`reference/mesh.md` 2.4). What is larger ends the link unread. */
export const MOST_WIRE_BYTES = 1_024 * 1_024;

/** What a frame may have before it is wrapped for relaying, so that it also fits then: two ids and some words. */
export const MOST_FRAME_BYTES = MOST_WIRE_BYTES - 1_024;

/** Machines named at once: twice a mesh of thirty, as in the settings of a batch. */
export const MOST_MACHINES = 64;

/** Addresses told at once: a few of each machine. */
export const MOST_ADDRESSES = 256;

/** Records of the mesh's members: as many as a membership ever has, removals of its reserve included. */
export const MOST_RECORDS_TOLD = 1_100;

/** Names of logs, batches, leases and incarnations: ours are of 32 to 52 characters, with a prefix. */
export const idSchema = z.string().regex(/^[\w.:-]{1,128}$/);

/** Lower-case hex SHA-256. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** Counts, sizes and durations. */
export const naturalSchema = z.int().min(0);

/** A port that can be called. */
export const portSchema = z.int().min(1).max(65_535);

/** An address as one dials it: a host name has 253 characters, an IPv6 address with its zone fewer. No blanks, no slashes. */
export const hostSchema = z.string().regex(/^[\w.:%-]{1,253}$/);

export { deviceIdSchema };

/** A text for people or a name, of so many characters at most. */
export function textSchema(mostCharacters: number) {
	return z.string().max(mostCharacters);
}
