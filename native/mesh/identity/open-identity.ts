/** The identity file: read at every start, made at the first. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { chmod, readFile, stat } from "node:fs/promises";
import { err, errorCode, type Log, ok, type Result } from "../../base/base.ts";
import { editFile } from "../../settings/edit-file.ts";
import { makeCredentials } from "./certificate.ts";
import { type DeviceId, deviceIdOf } from "./device-id.ts";
import { isOnCurve, SPKI_BYTES, signOctets } from "./signatures.ts";

/** This machine, as others know it. Holds the private key where no log or answer can print it. */
export interface DeviceIdentity {
	readonly deviceId: DeviceId;
	/** The public key, DER. */
	readonly spki: Uint8Array;
	/** Signs as this machine: ECDSA, 64 octets. */
	sign(octets: Uint8Array): Uint8Array;
	/** Key and certificate for TLS, PEM. */
	credentials(): { readonly key: string; readonly cert: string };
}

/** Why this machine can't say who it is. None is mended by making a new identity. Messages name no path. */
export type IdentityFault =
	/** The file is there and is not what we wrote. */
	| { readonly kind: "broken"; readonly message: string }
	| { readonly kind: "not-readable"; readonly message: string }
	| { readonly kind: "not-written"; readonly message: string }
	/** There was an identity, and its file is gone or another's. */
	| { readonly kind: "lost"; readonly message: string };

/** What an identity is opened with. */
export interface OpenIdentity {
	/** `locations.meshIdentityPath`. */
	readonly path: string;
	/** Who this machine was when it last ran, as the ledger knows it; null: it was nobody yet. */
	readonly expectedId: DeviceId | null;
	readonly log: Log;
}

/** Bits of the file's mode that let anybody but the owner at it. */
const OTHERS = 0o077;
const OWNER_ONLY = 0o600;

const BLOCKS =
	/^(-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END PRIVATE KEY-----\n)(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n)$/;

/** Reads who this machine is, or makes it somebody where it never was anybody. */
export async function openIdentity({
	path,
	expectedId,
	log,
}: OpenIdentity): Promise<Result<DeviceIdentity, IdentityFault>> {
	const content = await readOrMake(path, expectedId);
	if (!content.ok) return content;
	const identity = parseIdentity(content.value);
	if (!identity.ok) return identity;
	if (expectedId !== null && identity.value.deviceId !== expectedId) {
		return err({
			kind: "lost",
			message:
				"The identity file in the data folder is another machine's. Put this machine's own file back, or pair it anew under a new name.",
		});
	}
	await closeToOthers(path, log);
	return identity;
}

async function readOrMake(path: string, expectedId: DeviceId | null): Promise<Result<string, IdentityFault>> {
	try {
		return ok(await readFile(path, "utf8"));
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		if (code !== "ENOENT") {
			return err({ kind: "not-readable", message: `The identity file of this machine can't be read (${code}).` });
		}
	}
	if (expectedId !== null) {
		return err({
			kind: "lost",
			message:
				"The identity file of this machine is gone from the data folder. Put it back, or remove the machine from the others and pair it anew.",
		});
	}
	return make(path);
}

async function make(path: string): Promise<Result<string, IdentityFault>> {
	const { key, certificate } = await makeCredentials();
	let content = key + certificate;
	const written = await editFile<{ readonly message: string }>(path, (present) => {
		// Another process was quicker. Its identity may be known to others by now, ours is not.
		if (present !== null) content = present;
		return ok(content);
	});
	return written.ok ? ok(content) : err({ kind: "not-written", message: written.error.message });
}

function parseIdentity(content: string): Result<DeviceIdentity, IdentityFault> {
	// Git, editors and copies by way of Windows turn line ends around; the key is the same.
	const [, keyPem, certificatePem] = BLOCKS.exec(content.replaceAll("\r\n", "\n")) ?? [];
	if (keyPem === undefined || certificatePem === undefined) return broken("It does not hold a key and a certificate.");
	let key: KeyObject;
	let certificate: X509Certificate;
	try {
		key = createPrivateKey(keyPem);
		certificate = new X509Certificate(certificatePem);
	} catch {
		// The cause is OpenSSL's or BoringSSL's own words, and may quote the file.
		return broken("Its key or its certificate is damaged.");
	}
	if (!isOnCurve(key)) return broken("Its key is of another kind than Nightshift makes.");
	if (!certificate.checkPrivateKey(key)) return broken("Its key and its certificate do not belong together.");
	const spki = Uint8Array.from(certificate.publicKey.export({ format: "der", type: "spki" }));
	if (spki.length !== SPKI_BYTES) return broken("Its certificate is of another kind than Nightshift makes.");
	return ok({
		deviceId: deviceIdOf(spki),
		spki,
		sign: (octets) => signOctets(key, octets),
		credentials: () => ({ key: keyPem, cert: certificatePem }),
	});
}

function broken(what: string): Result<never, IdentityFault> {
	const message = `The identity file in the data folder can't be used. ${what} Put a copy of it back; other machines know this one by it. Only if there is none, delete it: this machine must then be paired anew.`;
	return err({ kind: "broken", message });
}

/** A copy that was put back may be open to all. Windows keeps rights elsewhere: there the folder's own are the owner's. */
async function closeToOthers(path: string, log: Log): Promise<void> {
	if (process.platform === "win32") return;
	try {
		if (((await stat(path)).mode & OTHERS) === 0) return;
		await chmod(path, OWNER_ONLY);
		log.warn({}, "the identity file of this machine was open to other users of this computer; it is closed now");
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		log.warn({ code }, "the identity file of this machine may be open to other users of this computer");
	}
}
