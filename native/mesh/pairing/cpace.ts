/**
 * CPace over ristretto255 with SHA-512 (CPACE-RISTR255-SHA512 of draft-irtf-cfrg-cpace-21), initiator-responder setting: two sides
 * that know the same short code get the same key, and one that does not learns nothing from trying but that it was wrong. Names in
 * comments are the draft's. The draft's test vectors (B.3) are in the test.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { err, ok, type Result } from "../../base/base.ts";
import { joinOctets, joinWithLengths, prependLength, utf8 } from "../identity/octets.ts";

/** G.DSI. */
const DOMAIN = utf8("CPaceRistretto255");
/** G.DSI_ISK. */
const KEY_DOMAIN = utf8("CPaceRistretto255_ISK");
/** Of SHA-512: what it takes in at once. The code is padded to fill it, so that hashing it takes no time that tells its length. */
const BLOCK_BYTES = 128;
/** Of a share, a scalar and a coordinate. */
export const SHARE_BYTES = 32;
/** G.group_size_bits is 252: of the last octet of a scalar four bits. */
const LAST_OCTET_MASK = 0x0f;

/** What both sides must know alike. */
export interface CPaceInputs {
	/** PRS: the code. */
	readonly secret: Uint8Array;
	/** CI: the connection and who is at its ends. */
	readonly channel: Uint8Array;
	/** sid: never used before. */
	readonly sessionId: Uint8Array;
}

/** What one side sends: Y and AD. */
export interface Contribution {
	/** Ya or Yb, encoded. */
	readonly share: Uint8Array;
	/** ADa or ADb. */
	readonly associatedData: Uint8Array;
}

/** Both contributions, by role. */
export interface Contributions {
	readonly initiator: Contribution;
	readonly responder: Contribution;
}

/** The other side's share is no point, or one that gives the same key to everybody. */
export interface WeakShare {
	readonly kind: "weak-share";
}

type Point = InstanceType<typeof ristretto255.Point>;

/** What is hashed to the generator: `generator_string`. */
export function generatorString({ secret, channel, sessionId }: CPaceInputs): Uint8Array {
	const padding = Math.max(0, BLOCK_BYTES - 1 - prependLength(secret).length - prependLength(DOMAIN).length);
	return joinWithLengths(DOMAIN, secret, new Uint8Array(padding), channel, sessionId);
}

/** The generator: `calculate_generator`. */
export function generatorOf(inputs: CPaceInputs): Point {
	const digest = createHash("sha512").update(generatorString(inputs)).digest();
	if (ristretto255_hasher.deriveToCurve === undefined) throw new Error("@noble/curves derives no elements any more");
	return ristretto255_hasher.deriveToCurve(Uint8Array.from(digest));
}

/** A secret scalar from 32 random octets: `sample_scalar`, as the draft recommends it. Use it once. Null, practically never: 0. */
export function scalarOf(random: Uint8Array): bigint | null {
	const octets = [...random.subarray(0, SHARE_BYTES)];
	octets[SHARE_BYTES - 1] = (octets[SHARE_BYTES - 1] ?? 0) & LAST_OCTET_MASK;
	const scalar = octets.reduceRight((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
	return scalar === 0n ? null : scalar;
}

/** What to send: `scalar_mult` with the generator. */
export function shareOf(scalar: bigint, inputs: CPaceInputs): Uint8Array {
	return generatorOf(inputs).multiply(scalar).toBytes();
}

/** K: `scalar_mult_vfy`. Never show it: a key is made of it that can be shown to be right. */
export function multiplyShare(scalar: bigint, share: Uint8Array): Result<Uint8Array, WeakShare> {
	const point = decode(share);
	if (point === null || point.is0()) return err({ kind: "weak-share" });
	return ok(point.multiply(scalar).toBytes());
}

function decode(share: Uint8Array): Point | null {
	try {
		return ristretto255.Point.fromBytes(share);
	} catch {
		// Only one way of writing a point is right, and all others are wrong alike.
		return null;
	}
}

/** `transcript_ir`: what was said, by role. */
export function transcriptOf({ initiator, responder }: Contributions): Uint8Array {
	return joinOctets(contributionOctets(initiator), contributionOctets(responder));
}

function contributionOctets({ share, associatedData }: Contribution): Uint8Array {
	return joinWithLengths(share, associatedData);
}

/** ISK: the key that both sides have if they know the same code, are on the same connection and heard the same. 64 octets. */
export function sessionKeyOf(sessionId: Uint8Array, k: Uint8Array, contributions: Contributions): Uint8Array {
	const said = joinOctets(joinWithLengths(KEY_DOMAIN, sessionId, k), transcriptOf(contributions));
	return Uint8Array.from(createHash("sha512").update(said).digest());
}

/** Of a confirmation: HMAC with SHA-512. */
export const CONFIRMATION_BYTES = 64;

/** Ta or Tb: shows to have the key, over the contribution of whoever sends it (10.4 of the draft). */
export function confirmationOf(sessionId: Uint8Array, sessionKey: Uint8Array, by: Contribution): Uint8Array {
	const macKey = createHash("sha512")
		.update(joinOctets(utf8("CPaceMac"), sessionId, sessionKey))
		.digest();
	return Uint8Array.from(createHmac("sha512", macKey).update(contributionOctets(by)).digest());
}

/** Compares in a time that tells nothing of how close it was. */
export function isConfirmed(expected: Uint8Array, received: Uint8Array): boolean {
	return expected.length === received.length && timingSafeEqual(expected, received);
}
