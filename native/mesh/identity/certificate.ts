/** Makes the key and certificate of a machine. Loaded and used once in the life of a machine. */
import { webcrypto } from "node:crypto";

/** A machine's private key (PKCS #8) and certificate, both PEM. */
export interface Credentials {
	readonly key: string;
	readonly certificate: string;
}

/**
 * P-256 because every TLS library has it for certificates; Ed25519 fails in Electron's BoringSSL (electron#45358).
 */
const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING_ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;

/**
 * Nothing judges by these dates: the key is pinned, and machines with a wrong clock must still find each other. They are only
 * wide enough that no library finds fault with them.
 */
const NOT_BEFORE = new Date("2020-01-01T00:00:00Z");
const NOT_AFTER = new Date("2120-01-01T00:00:00Z");

/** Says nothing of the machine or its owner: everybody on the network may ask for it. */
const SUBJECT = "CN=Nightshift";
/** Nothing looks at it; random, as X.509 wants it, and positive. */
const SERIAL_BYTES = 8;

/** Makes a fresh key and a certificate that it signs itself. The signature adds no security: it is what makes TLS take it. */
export async function makeCredentials(): Promise<Credentials> {
	const { KeyUsageFlags, KeyUsagesExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, X509CertificateGenerator } =
		await loadX509();
	const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
	const serial = webcrypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
	const certificate = await X509CertificateGenerator.createSelfSigned(
		{
			serialNumber: `01${Buffer.from(serial).toString("hex")}`,
			name: SUBJECT,
			notBefore: NOT_BEFORE,
			notAfter: NOT_AFTER,
			keys,
			signingAlgorithm: SIGNING_ALGORITHM,
			extensions: [
				new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
				new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
			],
		},
		webcrypto,
	);
	const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
	return { key: toPem("PRIVATE KEY", key), certificate: `${certificate.toString("pem").trim()}\n` };
}

/** Octets in the armour that TLS libraries read. */
export function toPem(label: string, der: Buffer): string {
	const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
	return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/**
 * The library that writes certificates. Its container of parts refuses to load unless somebody keeps metadata of classes at `Reflect`, and asks it only while
 * loading, of classes that have none. So what it looks for is there while it loads and gone again after.
 */
export async function loadX509(): Promise<typeof import("@peculiar/x509")> {
	const missing = ["getMetadata", "getOwnMetadata"].filter((name) => !Reflect.has(Reflect, name));
	for (const name of missing) {
		Reflect.defineProperty(Reflect, name, { value: () => undefined, configurable: true });
	}
	try {
		return await import("@peculiar/x509");
	} finally {
		for (const name of missing) Reflect.deleteProperty(Reflect, name);
	}
}
