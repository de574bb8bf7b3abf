/** Signatures of machines: ECDSA over P-256 and SHA-256, 64 octets. */
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** Of a public key that `readPublicKey` takes: an uncompressed point of a named curve. */
export const SPKI_BYTES = 91;
/** Of a signature: two numbers of 32 octets, so that its size tells nothing and is always the same. */
export const SIGNATURE_BYTES = 64;

const ENCODING = "ieee-p1363";

/** Signs octets. */
export function signOctets(key: KeyObject, octets: Uint8Array): Uint8Array {
	return Uint8Array.from(sign("sha256", octets, { key, dsaEncoding: ENCODING }));
}

/** Whether the machine with this public key (SPKI, DER) signed these octets. False as well where the key is none of ours. */
export function isSignedBy(spki: Uint8Array, octets: Uint8Array, signature: Uint8Array): boolean {
	const key = readPublicKey(spki);
	if (key === null || signature.length !== SIGNATURE_BYTES) return false;
	return verify("sha256", octets, { key, dsaEncoding: ENCODING }, signature);
}

/** A public key (SPKI, DER) on P-256; null where it is anything else. */
export function readPublicKey(spki: Uint8Array): KeyObject | null {
	if (spki.length !== SPKI_BYTES) return null;
	try {
		const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
		return isOnCurve(key) ? key : null;
	} catch {
		// What is wrong with another's key is told in too many ways to name them, and they all mean the same.
		return null;
	}
}

/** Whether a key is one of ours: P-256 by its name. */
export function isOnCurve(key: KeyObject): boolean {
	return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
}
