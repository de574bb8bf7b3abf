/** One pairing on the side of the shower, from the first message to the last. */
import { assertNever, err, ok, type Result } from "../../base/base.ts";
import type { Connection } from "../door/door.ts";
import { type FrameFault, type Frames, openFrames } from "../frames/frames.ts";
import type { DeviceIdentity } from "../identity/identity.ts";
import { fromBase64Url, toBase64Url } from "../identity/octets.ts";
import type { Member, Membership } from "../membership/membership.ts";
import { type Agreement, agree, type Begun, begin, checkConfirmation, confirm } from "./agreement.ts";
import { boxOf, draw, exportedKey, unbox } from "./exchange.ts";
import {
	type Accepted,
	type Challenge,
	type Hello,
	helloSchema,
	largeMessage,
	membersSchema,
	type Proof,
	proofSchema,
	type Refused,
	smallMessage,
} from "./messages.ts";

/** A code or a token that a stranger may show to know. */
export interface Offer {
	readonly method: "code" | "token";
	readonly secret: Uint8Array;
	/** Judges a proof with `isRight`, unless it is too late for that. Right uses the offer up, wrong wears it out. */
	judge(isRight: () => boolean): "right" | "wrong" | "not-judged";
}

/** What receiving needs. */
export interface ReceiveDeps {
	readonly identity: DeviceIdentity;
	readonly name: string;
	readonly membership: Membership;
	/** What the stranger was given; the refusal where it was given nothing that still counts. */
	offerFor(hello: Hello): Result<Offer, Refused["reason"]>;
}

/** How a pairing ended that came to nothing. */
export type ReceiveFault =
	| { readonly kind: "refused"; readonly reason: Refused["reason"] }
	| { readonly kind: "broken-off"; readonly fault: FrameFault };

/** A new member. */
export interface Received {
	readonly member: Member;
	/** False: it did not tell whom it knows. It is a member all the same, and tells so when it next calls. */
	readonly isComplete: boolean;
}

/** Pairs with who is at the other end. Writes the refusal where it comes to nothing; closing is the caller's. */
export async function receive(deps: ReceiveDeps, connection: Connection): Promise<Result<Received, ReceiveFault>> {
	const frames = openFrames(connection.socket);
	const received = await receiveOver(deps, connection, frames);
	if (!received.ok && received.error.kind === "refused") refuse(frames, received.error.reason);
	return received;
}

/** Says that it comes to nothing, and why. */
export function refuse(frames: Frames, reason: Refused["reason"]): void {
	frames.write({ kind: "refused", reason } satisfies Refused);
}

async function receiveOver(
	deps: ReceiveDeps,
	{ peer, socket }: Connection,
	frames: Frames,
): Promise<Result<Received, ReceiveFault>> {
	const hello = await frames.read(helloSchema, smallMessage);
	if (!hello.ok) return brokenOff(hello.error);
	const offer = deps.offerFor(hello.value);
	if (!offer.ok) return refused(offer.error);
	const { begun, challenge } = answer(deps, { peer, socket }, hello.value, offer.value);
	frames.write(challenge);
	const proof = await frames.read(proofSchema, smallMessage);
	// What is no proof at all is as wrong as one, or garbage would be free of charge.
	if (!proof.ok && proof.error.kind !== "malformed" && proof.error.kind !== "too-large") return brokenOff(proof.error);
	const judged = judge(offer.value, begun, proof.ok ? proof.value : null);
	if (!judged.ok) return judged;
	const admitted = await deps.membership.admit({ spki: peer.spki, name: hello.value.name });
	if (!admitted.ok) return refused(admitted.error.kind === "removed" ? "removed" : "failed");
	const { member, record } = admitted.value;
	const accepted: Accepted = {
		kind: "accepted",
		confirmation: toBase64Url(confirm(judged.value)),
		box: boxOf(judged.value, record, deps.membership.records()),
	};
	frames.write(accepted);
	return ok({ member, isComplete: await takeIn(deps.membership, judged.value, frames) });
}

function answer(deps: ReceiveDeps, { peer, socket }: Connection, hello: Hello, { method, secret }: Offer) {
	const { nonce, scalar } = draw();
	const exported = exportedKey(socket);
	const begun = begin({
		role: "shower",
		method,
		secret,
		shower: { deviceId: deps.identity.deviceId, name: deps.name, nonce },
		typer: { deviceId: peer.deviceId, name: hello.name, nonce: fromBase64Url(hello.nonce) },
		exported: hello.canExport ? exported : null,
		scalar,
	});
	const challenge: Challenge = {
		kind: "challenge",
		name: deps.name,
		nonce: toBase64Url(nonce),
		canExport: exported !== null,
		share: toBase64Url(begun.share),
	};
	return { begun, challenge };
}

function judge(offer: Offer, begun: Begun, proof: Proof | null): Result<Agreement, ReceiveFault> {
	const agreed = proof === null ? null : agree(begun, fromBase64Url(proof.share));
	const agreement = agreed?.ok ? agreed.value : null;
	const verdict = offer.judge(
		() => agreement !== null && proof !== null && checkConfirmation(agreement, fromBase64Url(proof.confirmation)),
	);
	switch (verdict) {
		case "right":
			return agreement === null ? refused("wrong-code") : ok(agreement);
		case "wrong":
			return refused("wrong-code");
		case "not-judged":
			return refused(offer.method === "code" ? "closed" : "no-such-token");
		default:
			return assertNever(verdict);
	}
}

async function takeIn(membership: Membership, agreement: Agreement, frames: Frames): Promise<boolean> {
	const members = await frames.read(membersSchema, largeMessage);
	if (!members.ok) return false;
	const records = unbox(agreement, members.value.box);
	if (!records.ok) return false;
	return (await membership.add(records.value)).ok;
}

function refused(reason: Refused["reason"]): Result<never, ReceiveFault> {
	return err({ kind: "refused", reason });
}

function brokenOff(fault: FrameFault): Result<never, ReceiveFault> {
	return err({ kind: "broken-off", fault });
}
