/** Who is at the other end of a connection. */
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { err, ok, type Result } from "../../base/base.ts";
import { type DeviceId, deviceIdOf } from "./device-id.ts";
import { MEMBER_PROTOCOL, type MeshProtocol, PAIRING_PROTOCOL } from "./protocols.ts";
import { readPublicKey } from "./signatures.ts";

/** The machine at the other end. That it has the private key is proven by the handshake; that it belongs here is not. */
export interface Peer {
	readonly deviceId: DeviceId;
	/** Its public key, DER. */
	readonly spki: Uint8Array;
	readonly protocol: MeshProtocol;
}

/** Why a connection is none of ours. */
export interface PeerFault {
	readonly kind: "old-tls" | "resumed" | "no-certificate" | "unsuitable-key" | "no-protocol" | "closed";
	readonly message: string;
}

/**
 * Reads who is at the other end of a connection whose handshake is over. Ask it first thing on `secureConnection` and
 * `secureConnect`, on every connection: it is the pin.
 */
export function peerOf(socket: TLSSocket): Result<Peer, PeerFault> {
	if (socket.destroyed) return err({ kind: "closed", message: "The connection was closed." });
	if (socket.getProtocol() !== "TLSv1.3") return err({ kind: "old-tls", message: "The connection is not TLS 1.3." });
	if (socket.isSessionReused()) {
		return err({ kind: "resumed", message: "The connection was resumed instead of begun." });
	}
	const protocol = socket.alpnProtocol;
	if (protocol !== MEMBER_PROTOCOL && protocol !== PAIRING_PROTOCOL) {
		return err({ kind: "no-protocol", message: "No protocol of ours was agreed on." });
	}
	const certificate = socket.getPeerX509Certificate();
	if (certificate === undefined)
		return err({ kind: "no-certificate", message: "The other side shows no certificate." });
	const spki = publicKeyOf(certificate);
	if (spki === null) {
		return err({ kind: "unsuitable-key", message: "The other side's key is of another kind than Nightshift's." });
	}
	return ok({ deviceId: deviceIdOf(spki), spki, protocol });
}

/** Null where the certificate carries no key of our kind. */
function publicKeyOf(certificate: X509Certificate): Uint8Array | null {
	try {
		const spki = Uint8Array.from(certificate.publicKey.export({ format: "der", type: "spki" }));
		return readPublicKey(spki) === null ? null : spki;
	} catch {
		// A key the library itself can't read: as with `readPublicKey`, all causes mean the same.
		return null;
	}
}
