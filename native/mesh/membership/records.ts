/**
 * What members sign: that a machine belongs to them (`admit`), or no longer (`revoke`). The format of `reference/mesh.md` 3, and
 * two things more. The signer's key is in it, so that a record can be checked by itself, whatever else has come by then; that it is
 * the signer's is shown by its id, the digest of the key. And a `revoke` says which `admit`s of the machine it leaves standing:
 * there is no other way to tell which of them came before it.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { assertNever, err, ok, type Result } from "../../base/base.ts";
import {
	type DeviceId,
	type DeviceIdentity,
	deviceIdOf,
	deviceIdSchema,
	deviceNameSchema,
	fingerprintOf,
	isSignedBy,
	readPublicKey,
	SIGNATURE_BYTES,
	SPKI_BYTES,
} from "../identity/identity.ts";
import { fromBase64Url, joinWithLengths, octetsSchema, toBase64Url, utf8 } from "../identity/octets.ts";

/** Machines that one member may have admitted before it is removed itself. Far beyond a mesh of thirty. */
const MOST_KEPT = 256;

/** Lower-case hex SHA-256 of what was signed: the name of a record. Two signatures of the same words are one record. */
export type RecordDigest = string;
const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

const signed = { by: deviceIdSchema, bySpki: octetsSchema(SPKI_BYTES), sig: octetsSchema(SIGNATURE_BYTES) };

/** Schema of `admit`. */
const admitSchema = z
	.object({
		kind: z.literal("admit"),
		id: deviceIdSchema,
		spki: octetsSchema(SPKI_BYTES),
		name: deviceNameSchema,
		...signed,
	})
	.readonly();

/** Schema of `revoke`. */
const revokeSchema = z
	.object({
		kind: z.literal("revoke"),
		id: deviceIdSchema,
		/** Digests of the `admit`s by the revoked machine that stand. Ascending, so that there is one way to write a set. */
		keeps: z.array(digestSchema).max(MOST_KEPT).refine(isAscending, "These are not in ascending order").readonly(),
		...signed,
	})
	.readonly();

/** Schema of a record as it is stored and sent. That it passes says nothing of its signature. */
export const membershipRecordSchema = z.discriminatedUnion("kind", [admitSchema, revokeSchema]);

/** A machine was admitted. */
export type AdmitRecord = z.infer<typeof admitSchema>;
/** A machine was removed, for good. */
export type RevokeRecord = z.infer<typeof revokeSchema>;
/** Either. */
export type MembershipRecord = z.infer<typeof membershipRecordSchema>;

/** A record whose signature is right: the signer said this. Whether the signer may is for the fold to say. */
export interface ProvenRecord {
	readonly record: MembershipRecord;
	readonly digest: RecordDigest;
}

/** Why something is no record. */
export interface RecordFault {
	readonly kind: "malformed" | "wrong-key" | "wrong-signature";
	readonly message: string;
}

/** What a record says before it is signed. */
type Unsigned =
	| Pick<AdmitRecord, "kind" | "id" | "spki" | "name" | "by">
	| Pick<RevokeRecord, "kind" | "id" | "keeps" | "by">;

/** The octets that are signed: each value behind its length, what it is in front. Nobody reads them back. */
function signedOctets(record: Unsigned): Uint8Array {
	const by = fingerprintOf(record.by);
	const id = fingerprintOf(record.id);
	switch (record.kind) {
		case "admit":
			return joinWithLengths(utf8("nightshift mesh admit 1"), by, id, fromBase64Url(record.spki), utf8(record.name));
		case "revoke": {
			const keeps = record.keeps.map((digest) => Uint8Array.from(Buffer.from(digest, "hex")));
			return joinWithLengths(utf8("nightshift mesh revoke 1"), by, id, joinWithLengths(...keeps));
		}
		default:
			return assertNever(record);
	}
}

/** Checks something that came from elsewhere: its form, whose key it names, and the signature. */
export function proveRecord(value: unknown): Result<ProvenRecord, RecordFault> {
	const parsed = membershipRecordSchema.safeParse(value);
	if (!parsed.success) return err({ kind: "malformed", message: "This is no record of the mesh's members." });
	const record = parsed.data;
	const bySpki = fromBase64Url(record.bySpki);
	if (deviceIdOf(bySpki) !== record.by || (record.kind === "admit" && !isKeyOf(record.id, record.spki))) {
		return err({ kind: "wrong-key", message: "A record of the mesh's members names a key that is not the machine's." });
	}
	const octets = signedOctets(record);
	if (!isSignedBy(bySpki, octets, fromBase64Url(record.sig))) {
		return err({ kind: "wrong-signature", message: "A record of the mesh's members is not signed by whom it names." });
	}
	return ok({ record, digest: digestOf(octets) });
}

/** Signs that a machine is admitted. The name must pass `deviceNameSchema`. */
export function signAdmit(
	identity: DeviceIdentity,
	{ spki, name }: { readonly spki: Uint8Array; readonly name: string },
): ProvenRecord {
	const said = { kind: "admit", id: deviceIdOf(spki), spki: toBase64Url(spki), name, by: identity.deviceId } as const;
	const octets = signedOctets(said);
	return { record: { ...said, ...signatureOf(identity, octets) }, digest: digestOf(octets) };
}

/** Signs that a machine is removed, and which of its own `admit`s stand. */
export function signRevoke(identity: DeviceIdentity, id: DeviceId, keeps: readonly RecordDigest[]): ProvenRecord {
	const kept = [...new Set(keeps)].sort().slice(0, MOST_KEPT);
	const said = { kind: "revoke", id, keeps: kept, by: identity.deviceId } as const;
	const octets = signedOctets(said);
	return { record: { ...said, ...signatureOf(identity, octets) }, digest: digestOf(octets) };
}

function signatureOf(identity: DeviceIdentity, octets: Uint8Array): { readonly bySpki: string; readonly sig: string } {
	return { bySpki: toBase64Url(identity.spki), sig: toBase64Url(identity.sign(octets)) };
}

/** The name of a record, whoever signed it: what is known by this name need not be proven again. */
export function nameOf(record: MembershipRecord): RecordDigest {
	return digestOf(signedOctets(record));
}

function digestOf(octets: Uint8Array): RecordDigest {
	return createHash("sha256").update(octets).digest("hex");
}

/** A key that can't be used would be admitted and then never be able to come in, or break whoever tries to read it. */
function isKeyOf(id: DeviceId, spki: string): boolean {
	const octets = fromBase64Url(spki);
	return deviceIdOf(octets) === id && readPublicKey(octets) !== null;
}

function isAscending(digests: readonly string[]): boolean {
	return digests.every((digest, at) => at === 0 || (digests[at - 1] ?? "") < digest);
}
