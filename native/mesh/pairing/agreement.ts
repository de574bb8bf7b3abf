/**
 * The handshake of a pairing, as functions of what is known: no sockets, no clock, no randomness of its own. A step takes what the
 * step before made, so that they can't be taken in another order.
 *
 * The key depends on the code, on both machines' keys as each side sees them in TLS, on the connection, and on all that was said.
 * Who sits in between shows each side another certificate, so the two get different keys, and nothing said helps to guess the code.
 */
import { err, ok, type Result } from "../../base/base.ts";
import { type DeviceId, fingerprintOf } from "../identity/identity.ts";
import { joinOctets, joinWithLengths, utf8 } from "../identity/octets.ts";
import {
	type Contribution,
	type Contributions,
	type CPaceInputs,
	confirmationOf,
	isConfirmed,
	multiplyShare,
	sessionKeyOf,
	shareOf,
} from "./cpace.ts";

/** Who shows the code, and who types it. In the draft's words: initiator and responder, for the shower's share is sent first. */
export type Role = "shower" | "typer";

/** One of the two, as both see it. */
export interface Party {
	/** From its certificate, never from what it says. */
	readonly deviceId: DeviceId;
	readonly name: string;
	readonly nonce: Uint8Array;
}

/** What is known when both have said hello. */
export interface Meeting {
	readonly role: Role;
	readonly method: "code" | "token";
	/** The code's digits, or the token's secret. */
	readonly secret: Uint8Array;
	readonly shower: Party;
	readonly typer: Party;
	/** A key exported from the connection; null where one side can't. */
	readonly exported: Uint8Array | null;
	/** This side's secret scalar. */
	readonly scalar: bigint;
}

/** A meeting, and what this side sends. */
export interface Begun {
	readonly meeting: Meeting;
	readonly inputs: CPaceInputs;
	readonly share: Uint8Array;
}

/** A key that is the other side's too if it knows the same. */
export interface Agreement {
	readonly role: Role;
	readonly sessionId: Uint8Array;
	readonly sessionKey: Uint8Array;
	readonly contributions: Contributions;
}

/** The other side can't have known the code, or the connection has somebody in between. The two can't be told apart. */
export interface WrongProof {
	readonly kind: "wrong-proof";
}

/** Makes this side's contribution. */
export function begin(meeting: Meeting): Begun {
	const { shower, typer, exported, method, secret, scalar } = meeting;
	const inputs: CPaceInputs = {
		secret,
		sessionId: joinOctets(shower.nonce, typer.nonce),
		channel: joinWithLengths(
			utf8("mesh-pair/1"),
			utf8(method),
			fingerprintOf(shower.deviceId),
			fingerprintOf(typer.deviceId),
			exported ?? new Uint8Array(0),
		),
	};
	return { meeting, inputs, share: shareOf(scalar, inputs) };
}

/** Takes in the other side's share. Whether it had the same code shows in its confirmation only. */
export function agree({ meeting, inputs, share }: Begun, theirShare: Uint8Array): Result<Agreement, WrongProof> {
	const { role, shower, typer, scalar } = meeting;
	// Its own share would make the other side's confirmation of ours.
	if (Buffer.from(theirShare).equals(share)) return err({ kind: "wrong-proof" });
	const k = multiplyShare(scalar, theirShare);
	if (!k.ok) return err({ kind: "wrong-proof" });
	const contributions: Contributions = {
		initiator: { share: role === "shower" ? share : theirShare, associatedData: describe(shower) },
		responder: { share: role === "typer" ? share : theirShare, associatedData: describe(typer) },
	};
	const { sessionId } = inputs;
	return ok({ role, sessionId, sessionKey: sessionKeyOf(sessionId, k.value, contributions), contributions });
}

/** Shows that this side has the key. The typer does it first: who only pretends to show a code learns no more than from one guess. */
export function confirm({ role, sessionId, sessionKey, contributions }: Agreement): Uint8Array {
	return confirmationOf(sessionId, sessionKey, contributionBy(role, contributions));
}

/** Whether the other side has the key. */
export function checkConfirmation(agreement: Agreement, theirs: Uint8Array): boolean {
	const other = agreement.role === "shower" ? "typer" : "shower";
	return isConfirmed(confirm({ ...agreement, role: other }), theirs);
}

function contributionBy(role: Role, { initiator, responder }: Contributions): Contribution {
	return role === "shower" ? initiator : responder;
}

/** Its name is not in the certificate: this is what makes it said by whom it seems. */
function describe({ deviceId, name }: Party): Uint8Array {
	return joinWithLengths(utf8(name), fingerprintOf(deviceId));
}
