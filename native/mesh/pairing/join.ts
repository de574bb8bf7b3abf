/** Pairing on the side of the typer: calls a machine, shows to know its code, and becomes a member. */
import type { TLSSocket } from "node:tls";
import { z } from "zod";
import { err, ok, type Result } from "../../base/base.ts";
import { type Connection, type DialFault, dial } from "../door/door.ts";
import { type FrameFault, type Frames, openFrames } from "../frames/frames.ts";
import { type DeviceId, type DeviceIdentity, PAIRING_PROTOCOL } from "../identity/identity.ts";
import { fromBase64Url, toBase64Url, utf8 } from "../identity/octets.ts";
import { type Member, type Membership, type MembershipFault, proveRecord } from "../membership/membership.ts";
import { type Agreement, agree, begin, checkConfirmation, confirm } from "./agreement.ts";
import { readCode } from "./dialog.ts";
import { boxOf, draw, exportedKey, finish, unbox } from "./exchange.ts";
import {
	acceptedSchema,
	type Challenge,
	challengeSchema,
	type Hello,
	largeMessage,
	type Members,
	type Proof,
	type Refused,
	refusedSchema,
	smallMessage,
} from "./messages.ts";
import { readToken, type TokenFault, tokenIdOf } from "./tokens.ts";

/** Why this machine did not join. */
export type JoinFault =
	| DialFault
	| FrameFault
	| TokenFault
	| MembershipFault
	| { readonly kind: "not-a-code"; readonly message: string }
	| { readonly kind: "refused"; readonly reason: Refused["reason"]; readonly message: string }
	/** It accepted, and can't show to know the code itself, or does not say that we belong. Somebody plays its part. */
	| { readonly kind: "not-trusted"; readonly message: string };

/** What joining needs. */
export interface JoinDeps {
	readonly identity: DeviceIdentity;
	/** What this machine is called. */
	readonly name: string;
	readonly membership: Membership;
}

/** Where the code is shown. */
export interface CodeTarget {
	readonly host: string;
	readonly port: number;
	/** As typed. */
	readonly code: string;
}

/** Joins the mesh of a machine that shows a code; the machine, when both sides have it on disk. */
export async function joinByCode(deps: JoinDeps, { host, port, code }: CodeTarget): Promise<Result<Member, JoinFault>> {
	const digits = readCode(code);
	if (digits === null) return err({ kind: "not-a-code", message: "A code has eight digits." });
	return join(deps, { host, port, deviceId: null, secret: utf8(digits), tokenId: null });
}

/** Joins with a token. */
export async function joinByToken(deps: JoinDeps, text: string): Promise<Result<Member, JoinFault>> {
	const token = readToken(text);
	if (!token.ok) return token;
	return join(deps, { ...token.value, tokenId: tokenIdOf(token.value.secret) });
}

interface Target {
	readonly host: string;
	readonly port: number;
	readonly deviceId: DeviceId | null;
	readonly secret: Uint8Array;
	/** Null: the secret is a code. */
	readonly tokenId: string | null;
}

async function join(deps: JoinDeps, target: Target): Promise<Result<Member, JoinFault>> {
	const { host, port, deviceId } = target;
	const connection = await dial(deps.identity, { host, port, deviceId, protocol: PAIRING_PROTOCOL });
	if (!connection.ok) return connection;
	try {
		return await joinOver(deps, target, connection.value, openFrames(connection.value.socket));
	} finally {
		finish(connection.value.socket);
	}
}

async function joinOver(
	deps: JoinDeps,
	target: Target,
	{ peer, socket }: Connection,
	frames: Frames,
): Promise<Result<Member, JoinFault>> {
	const agreed = await prove(deps, target, { peer, socket }, frames);
	if (!agreed.ok) return agreed;
	const { agreement, challenge } = agreed.value;
	const accepted = await frames.read(z.union([acceptedSchema, refusedSchema]), largeMessage);
	if (!accepted.ok) return accepted;
	if (accepted.value.kind === "refused") return refused(accepted.value);
	if (!checkConfirmation(agreement, fromBase64Url(accepted.value.confirmation))) return notTrusted();
	const records = unbox(agreement, accepted.value.box);
	if (!records.ok || !admitsUs(deps.identity, peer.deviceId, records.value)) return notTrusted();
	const admitted = await deps.membership.admit({ spki: peer.spki, name: challenge.name });
	if (!admitted.ok) return admitted;
	const added = await deps.membership.add(records.value);
	if (!added.ok) return added;
	if (!deps.membership.isMember(peer.deviceId)) return err(removedFault);
	const box = boxOf(agreement, admitted.value.record, deps.membership.records());
	frames.write({ kind: "members", box } satisfies Members);
	await closed(socket);
	return ok(admitted.value.member);
}

/** Says hello and shows to know the code. */
async function prove(
	deps: JoinDeps,
	{ secret, tokenId }: Target,
	{ peer, socket }: Connection,
	frames: Frames,
): Promise<Result<{ readonly agreement: Agreement; readonly challenge: Challenge }, JoinFault>> {
	const { nonce, scalar } = draw();
	const exported = exportedKey(socket);
	const canExport = exported !== null;
	frames.write({ kind: "hello", name: deps.name, nonce: toBase64Url(nonce), tokenId, canExport } satisfies Hello);
	const challenge = await frames.read(z.union([challengeSchema, refusedSchema]), smallMessage);
	if (!challenge.ok) return challenge;
	if (challenge.value.kind === "refused") return refused(challenge.value);
	const begun = begin({
		role: "typer",
		method: tokenId === null ? "code" : "token",
		secret,
		shower: { deviceId: peer.deviceId, name: challenge.value.name, nonce: fromBase64Url(challenge.value.nonce) },
		typer: { deviceId: deps.identity.deviceId, name: deps.name, nonce },
		exported: challenge.value.canExport ? exported : null,
		scalar,
	});
	const agreement = agree(begun, fromBase64Url(challenge.value.share));
	if (!agreement.ok) return notTrusted();
	const proof: Proof = {
		kind: "proof",
		share: toBase64Url(begun.share),
		confirmation: toBase64Url(confirm(agreement.value)),
	};
	frames.write(proof);
	return ok({ agreement: agreement.value, challenge: challenge.value });
}

/** Whether it says in writing that we belong: without that, the others of its mesh would not know us. */
function admitsUs({ deviceId }: DeviceIdentity, by: DeviceId, records: readonly unknown[]): boolean {
	return records.some((value) => {
		const proven = proveRecord(value);
		if (!proven.ok) return false;
		const { record } = proven.value;
		return record.kind === "admit" && record.id === deviceId && record.by === by;
	});
}

/** The other side closes when it has taken in whom we know. Whether it has or not, both are members by now. */
function closed(socket: TLSSocket): Promise<void> {
	return new Promise((resolve) => {
		socket.once("close", () => resolve());
		socket.setTimeout(largeMessage.withinMs, () => socket.destroy());
		// An end of the other side is noticed only by who reads.
		socket.resume();
	});
}

const removedFault: MembershipFault = {
	kind: "removed",
	message: "That machine was removed from its mesh, or this one was.",
};

function notTrusted(): Result<never, JoinFault> {
	const message = "The other machine could not show that it knows the code. Another one may be playing its part.";
	return err({ kind: "not-trusted", message });
}

const reasons: Readonly<Record<Refused["reason"], string>> = {
	busy: "The other machine is pairing with somebody else right now. Try again in a moment.",
	closed: "The other machine shows no code any more. Have it show a new one.",
	expired: "The code is too old. Have the other machine show a new one.",
	"no-such-token": "The join token was used already, or is too old. Have a new one made.",
	"wrong-code": "The code is not the one that the other machine shows.",
	removed: "This machine was removed from that mesh. It can come back only as a new one.",
	failed: "The other machine could not store that this one belongs to it. Its log says why.",
};

function refused({ reason }: Refused): Result<never, JoinFault> {
	return err({ kind: "refused", reason, message: reasons[reason] });
}
