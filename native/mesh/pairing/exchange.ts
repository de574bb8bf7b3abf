/** What the two sides of a pairing do alike: reading and writing, randomness, and telling each other who is in the mesh. */
import { randomBytes } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { err, ok, type Result } from "../../base/base.ts";
import { fromBase64Url, toBase64Url } from "../identity/octets.ts";
import type { MembershipRecord } from "../membership/membership.ts";
import type { Agreement } from "./agreement.ts";
import { type BoxFault, open, seal } from "./box.ts";
import { SHARE_BYTES, scalarOf } from "./cpace.ts";
import { boxedSchema, MOST_BOXED_BYTES, NONCE_BYTES } from "./messages.ts";

/** Tells the key that the two ends of a connection have from all others. Registered by nobody: it is only between us. */
const EXPORTER_LABEL = "EXPORTER-mesh-pair";
const EXPORTED_BYTES = 32;

/** What one side draws for one pairing. */
export interface Drawn {
	readonly nonce: Uint8Array;
	readonly scalar: bigint;
}

/** Draws it. */
export function draw(): Drawn {
	const nonce = Uint8Array.from(randomBytes(NONCE_BYTES));
	for (;;) {
		const scalar = scalarOf(Uint8Array.from(randomBytes(SHARE_BYTES)));
		// The other case comes once in 2^252 times.
		if (scalar !== null) return { nonce, scalar };
	}
}

/**
 * A key exported from the connection (RFC 8446, 7.5); null where the TLS library can't. Without it the certificates on both sides
 * still tell a connection with somebody in between.
 */
export function exportedKey(socket: TLSSocket): Uint8Array | null {
	try {
		return Uint8Array.from(socket.exportKeyingMaterial(EXPORTED_BYTES, EXPORTER_LABEL, Buffer.alloc(0)));
	} catch {
		return null;
	}
}

/**
 * Records for the other side, sealed. Those for which there is no room are left out, the latest first: the other side gets them with
 * the rest of the ledger. Removals go before all: it must not take a removed machine for a member, not even for a moment.
 */
export function boxOf(agreement: Agreement, first: MembershipRecord, records: readonly MembershipRecord[]): string {
	const revokes = records.filter(({ kind }) => kind === "revoke");
	const admits = records.filter(({ kind }) => kind === "admit");
	const fitting: MembershipRecord[] = [];
	let roomBytes = MOST_BOXED_BYTES - JSON.stringify({ records: [] }).length;
	for (const record of [first, ...revokes, ...admits]) {
		roomBytes -= Buffer.byteLength(JSON.stringify(record)) + 1;
		if (roomBytes < 0) break;
		fitting.push(record);
	}
	return toBase64Url(seal(agreement, Buffer.from(JSON.stringify({ records: fitting }))));
}

/** Records of the other side. They are checked where they are taken in; here only that they are some. */
export function unbox(agreement: Agreement, box: string): Result<readonly unknown[], BoxFault> {
	const octets = open(agreement, fromBase64Url(box));
	if (!octets.ok) return octets;
	try {
		const parsed = boxedSchema.safeParse(JSON.parse(Buffer.from(octets.value).toString("utf8")));
		return parsed.success ? ok(parsed.data.records) : err({ kind: "not-opened" });
	} catch (error) {
		if (error instanceof SyntaxError) return err({ kind: "not-opened" });
		throw error;
	}
}

/** How long the other side may take to hear the last word. */
const LINGER_MS = 1_000;

/** Closes a connection when what was written to it is out, or soon after. */
export function finish(socket: TLSSocket): void {
	if (socket.destroyed) return;
	const timer = setTimeout(() => socket.destroy(), LINGER_MS);
	socket.once("close", () => clearTimeout(timer));
	socket.end();
	// An end of the other side is noticed only by who reads.
	socket.resume();
}
