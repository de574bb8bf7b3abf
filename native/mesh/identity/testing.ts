/** Helpers for tests of machines that meet each other. Must never be imported by the product. */
import { webcrypto } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertNever, silentLog } from "../../base/base.ts";
import { type Credentials, loadX509, toPem } from "./certificate.ts";
import { type DeviceIdentity, openIdentity } from "./identity.ts";

const ready: DeviceIdentity[] = [];
let used = 0;

/** A machine that no other test file knows. Keys are made once per file and handed out in turn after `forgetMachines`. */
export async function testMachine(): Promise<DeviceIdentity> {
	const known = ready[used];
	used += 1;
	if (known !== undefined) return known;
	const folder = mkdtempSync(join(tmpdir(), "nightshift-identity-"));
	try {
		const made = await openIdentity({ path: join(folder, "identity.pem"), expectedId: null, log: silentLog });
		if (!made.ok) throw new Error(made.error.message);
		ready.push(made.value);
		return made.value;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** The next test may have the machines of the last one. */
export function forgetMachines(): void {
	used = 0;
}

/** Keys that other programs have, and Nightshift does not. */
export const FOREIGN_KEYS = ["RSA", "P-384", "Ed25519"] as const;

/** A key of another kind and a certificate for it, as sound as ours. */
export async function foreignCredentials(kind: (typeof FOREIGN_KEYS)[number]): Promise<Credentials> {
	const { X509CertificateGenerator } = await loadX509();
	const signingAlgorithm = {
		name: kind === "P-384" ? "ECDSA" : kind === "RSA" ? "RSASSA-PKCS1-v1_5" : kind,
		hash: "SHA-256",
	};
	const keys = await foreignKeys(kind);
	const certificate = await X509CertificateGenerator.createSelfSigned(
		{ name: "CN=x", notAfter: new Date("2120-01-01"), keys, signingAlgorithm },
		webcrypto,
	);
	const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
	return { key: toPem("PRIVATE KEY", key), certificate: `${certificate.toString("pem").trim()}\n` };
}

async function foreignKeys(kind: (typeof FOREIGN_KEYS)[number]): Promise<webcrypto.CryptoKeyPair> {
	const { subtle } = webcrypto;
	switch (kind) {
		case "RSA": {
			const publicExponent = Uint8Array.of(1, 0, 1);
			const parameters = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2_048, publicExponent, hash: "SHA-256" };
			return subtle.generateKey(parameters, true, ["sign", "verify"]);
		}
		case "P-384":
			return subtle.generateKey({ name: "ECDSA", namedCurve: kind }, true, ["sign", "verify"]);
		case "Ed25519": {
			const keys = await subtle.generateKey(kind, true, ["sign", "verify"]);
			if (!("privateKey" in keys)) throw new Error("A pair of keys was asked for");
			return keys;
		}
		default:
			return assertNever(kind);
	}
}
