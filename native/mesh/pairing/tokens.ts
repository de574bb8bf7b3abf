/**
 * Join tokens, for machines without a screen or a keyboard: `mesh1:<host>:<port>:<device id>:<secret>`. Whoever has one may join,
 * once. The secret has 128 bits, so there is nothing to guess; it takes the place of the code in the same handshake.
 */
import { createHash, randomBytes } from "node:crypto";
import { err, ok, type Result } from "../../base/base.ts";
import { type DeviceId, deviceIdSchema } from "../identity/identity.ts";
import { fromBase64Url, joinWithLengths, toBase64Url, utf8 } from "../identity/octets.ts";
import { TOKEN_ID_BYTES } from "./messages.ts";

/** What a token says. */
export interface JoinToken {
	readonly host: string;
	readonly port: number;
	/** Who must answer there. */
	readonly deviceId: DeviceId;
	readonly secret: Uint8Array;
}

/** Why a text is no token. Quotes nothing of it. */
export interface TokenFault {
	readonly kind: "not-a-token";
	readonly message: string;
}

const SECRET_BYTES = 16;
/** IPv6 addresses in brackets, as in URLs; names as DNS allows them. */
const TOKEN = /^mesh1:(\[[0-9A-Fa-f:.]{2,45}(?:%[\w.]{1,32})?\]|[\w.-]{1,253}):(\d{1,5}):([A-Z2-7]{52}):([\w-]{22})$/;

/** A new secret. */
export function makeTokenSecret(): Uint8Array {
	return Uint8Array.from(randomBytes(SECRET_BYTES));
}

/** The token as text, to be pasted. */
export function writeToken({ host, port, deviceId, secret }: JoinToken): string {
	return `mesh1:${host.includes(":") ? `[${host}]` : host}:${port}:${deviceId}:${toBase64Url(secret)}`;
}

/** Reads what `writeToken` wrote. */
export function readToken(text: string): Result<JoinToken, TokenFault> {
	const [, address, port, deviceId, secret] = TOKEN.exec(text.trim()) ?? [];
	const portNumber = Number(port);
	const isRight =
		address !== undefined &&
		secret !== undefined &&
		portNumber >= 1 &&
		portNumber <= 65_535 &&
		deviceIdSchema.safeParse(deviceId).success &&
		toBase64Url(fromBase64Url(secret)) === secret;
	if (!isRight || deviceId === undefined) {
		return err({
			kind: "not-a-token",
			message: "This is no join token. It begins with mesh1: and was copied in part, perhaps.",
		});
	}
	const host = address.startsWith("[") ? address.slice(1, -1) : address;
	return ok({ host, port: portNumber, deviceId, secret: fromBase64Url(secret) });
}

/** What a token is called by: says nothing of its secret. */
export function tokenIdOf(secret: Uint8Array): string {
	const digest = createHash("sha256")
		.update(joinWithLengths(utf8("nightshift mesh token id"), secret))
		.digest();
	return toBase64Url(digest.subarray(0, TOKEN_ID_BYTES));
}
