/** What is said under the key of a pairing: AES-256-GCM, with a key of its own for each direction. */
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { err, ok, type Result } from "../../base/base.ts";
import { utf8 } from "../identity/octets.ts";
import type { Agreement, Role } from "./agreement.ts";

/** The other side does not have the key, or somebody changed what it said. */
export interface BoxFault {
	readonly kind: "not-opened";
}

const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** Each key is used for one message: there is no second for which it would have to differ. */
const NONCE = new Uint8Array(12);

/** Seals what this side has to say. Once for each agreement: the nonce is fixed. */
export function seal(agreement: Agreement, octets: Uint8Array): Uint8Array {
	const cipher = createCipheriv("aes-256-gcm", keyOf(agreement, agreement.role), NONCE);
	return Uint8Array.from(Buffer.concat([cipher.update(octets), cipher.final(), cipher.getAuthTag()]));
}

/** Opens what the other side had to say. */
export function open(agreement: Agreement, box: Uint8Array): Result<Uint8Array, BoxFault> {
	if (box.length < TAG_BYTES) return err({ kind: "not-opened" });
	const key = keyOf(agreement, agreement.role === "shower" ? "typer" : "shower");
	const decipher = createDecipheriv("aes-256-gcm", key, NONCE, { authTagLength: TAG_BYTES });
	decipher.setAuthTag(box.subarray(-TAG_BYTES));
	const octets = decipher.update(box.subarray(0, -TAG_BYTES));
	try {
		return ok(Uint8Array.from(Buffer.concat([octets, decipher.final()])));
	} catch {
		// The only thing it throws for here is a tag that is not right.
		return err({ kind: "not-opened" });
	}
}

function keyOf({ sessionId, sessionKey }: Agreement, sender: Role): Uint8Array {
	return new Uint8Array(hkdfSync("sha512", sessionKey, sessionId, utf8(`mesh-pair/1 box of the ${sender}`), KEY_BYTES));
}
