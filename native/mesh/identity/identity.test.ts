import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { locate } from "../../locations/locations.ts";
import { type TestFolder, testFolder, testLog } from "../../settings/testing.ts";
import { type DeviceIdentity, deviceIdOf, isSignedBy, openIdentity } from "./identity.ts";
import { FOREIGN_KEYS, foreignCredentials } from "./testing.ts";

const openAt = (folder: TestFolder, expectedId: string | null = null, log = testLog()) =>
	openIdentity({ path: locate(folder.path("data")).meshIdentityPath, expectedId, log });

async function opened(folder: TestFolder): Promise<DeviceIdentity> {
	const identity = await openAt(folder);
	if (!identity.ok) throw new Error(identity.error.message);
	return identity.value;
}

const pathIn = (folder: TestFolder) => locate(folder.path("data")).meshIdentityPath;

test("a machine is the same after a restart, and its id is the digest of its public key", async () => {
	using folder = testFolder();
	const first = await opened(folder);
	const second = await opened(folder);
	expect(second.deviceId).toBe(first.deviceId);
	expect(deviceIdOf(second.spki)).toBe(first.deviceId);
	expect(second.credentials()).toEqual(first.credentials());
	expect(isSignedBy(second.spki, Buffer.from("work"), first.sign(Buffer.from("work")))).toBe(true);
});

test("the file is the owner's alone, and nothing else lies beside it", async () => {
	using folder = testFolder();
	await opened(folder);
	expect(statSync(pathIn(folder)).mode & 0o777).toBe(0o600);
	expect(readdirSync(dirname(pathIn(folder)))).toEqual(["mesh-identity.pem"]);
});

test("the certificate says nothing but the key, holds from 2020 to 2120, and is signed by that key", async () => {
	using folder = testFolder();
	const { cert } = (await opened(folder)).credentials();
	const certificate = new X509Certificate(cert);
	expect([certificate.subject, certificate.issuer]).toEqual(["CN=Nightshift", "CN=Nightshift"]);
	expect([certificate.validFromDate.getUTCFullYear(), certificate.validToDate.getUTCFullYear()]).toEqual([2020, 2120]);
	expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
	expect(certificate.verify(certificate.publicKey)).toBe(true);
});

test("making it leaves no trace in what all programs share", async () => {
	using folder = testFolder();
	const before = Reflect.ownKeys(Reflect);
	await opened(folder);
	expect(Reflect.ownKeys(Reflect)).toEqual(before);
});

test("printing an identity shows no private key", async () => {
	using folder = testFolder();
	const identity = await opened(folder);
	const shown = inspect(identity, { depth: 9, showHidden: true }) + JSON.stringify(identity);
	const secret = identity.credentials().key.split("\n")[1] ?? "";
	expect(secret).toHaveLength(64);
	expect(shown).not.toContain(secret);
	expect(shown).not.toContain("PRIVATE");
});

test("two processes that start at once are one machine", async () => {
	using folder = testFolder();
	const ids = await Promise.all([1, 2, 3].map(async () => (await opened(folder)).deviceId));
	expect(new Set(ids).size).toBe(1);
	expect((await opened(folder)).deviceId).toBe(ids[0]);
});

test("a damaged file is told of and left as it is", async () => {
	using folder = testFolder();
	const other = await opened(folder);
	using elsewhere = testFolder();
	await opened(elsewhere);
	const whole = readFileSync(pathIn(elsewhere), "utf8");
	const { key, cert } = other.credentials();
	const damaged = [
		"",
		whole.slice(0, 150),
		whole.slice(0, -40),
		whole.replace("MI", "AA"),
		key + whole.slice(whole.indexOf("-----BEGIN CERT")),
		cert + key,
		whole + whole,
		"\0".repeat(whole.length),
	];
	for (const content of damaged) {
		writeFileSync(pathIn(elsewhere), content);
		const identity = await openAt(elsewhere);
		expect(identity).toMatchObject({ ok: false, error: { kind: "broken" } });
		expect(readFileSync(pathIn(elsewhere), "utf8")).toBe(content);
	}
});

test("no single changed character makes it somebody else without a word", async () => {
	using folder = testFolder();
	const { deviceId } = await opened(folder);
	const whole = readFileSync(pathIn(folder), "utf8");
	const places = fc.tuple(fc.nat(whole.length - 1), fc.constantFrom("A", "z", "7", "-", "\n"));
	await fc.assert(
		fc.asyncProperty(places, async ([at, character]) => {
			writeFileSync(pathIn(folder), whole.slice(0, at) + character + whole.slice(at + 1));
			const identity = await openAt(folder);
			if (identity.ok) expect(identity.value.deviceId).toBe(deviceId);
			else expect(identity.error.kind).toBe("broken");
		}),
		{ numRuns: 200 },
	);
});

test("keys of another kind are refused", async () => {
	using folder = testFolder();
	mkdirSync(dirname(pathIn(folder)), { recursive: true });
	for (const kind of FOREIGN_KEYS) {
		const { key, certificate } = await foreignCredentials(kind);
		writeFileSync(pathIn(folder), key + certificate);
		expect(await openAt(folder)).toMatchObject({ ok: false, error: { kind: "broken" } });
	}
});

test("an identity that is gone or another's is told of, not replaced", async () => {
	using folder = testFolder();
	const { deviceId } = await opened(folder);
	expect(await openAt(folder, deviceId)).toMatchObject({ ok: true });
	rmSync(pathIn(folder));
	expect(await openAt(folder, deviceId)).toMatchObject({ ok: false, error: { kind: "lost" } });
	expect(readdirSync(dirname(pathIn(folder)))).toEqual([]);
	await opened(folder);
	expect(await openAt(folder, deviceId)).toMatchObject({ ok: false, error: { kind: "lost" } });
});

test("a file that can't be read or made is told of, in words without a path", async () => {
	using folder = testFolder();
	mkdirSync(pathIn(folder), { recursive: true });
	const unreadable = await openAt(folder);
	expect(unreadable).toMatchObject({ ok: false, error: { kind: "not-readable" } });
	writeFileSync(folder.path("file"), "");
	const path = join(folder.path("file"), "identity.pem");
	const unwritten = await openIdentity({ path, expectedId: null, log: silentLog });
	expect(unwritten).toMatchObject({ ok: false, error: { kind: expect.stringMatching(/^not-/) } });
	expect(JSON.stringify([unreadable, unwritten])).not.toContain(folder.path(""));
});

test("a file that others can read is closed to them, and the owner is told", async () => {
	using folder = testFolder();
	const { deviceId } = await opened(folder);
	chmodSync(pathIn(folder), 0o644);
	const log = testLog();
	expect(await openAt(folder, deviceId, log)).toMatchObject({ ok: true });
	expect(statSync(pathIn(folder)).mode & 0o777).toBe(0o600);
	expect(log.told).toHaveLength(1);
});

test("line ends that a copy turned around do no harm", async () => {
	using folder = testFolder();
	const { deviceId } = await opened(folder);
	writeFileSync(pathIn(folder), readFileSync(pathIn(folder), "utf8").replaceAll("\n", "\r\n"));
	expect(await openAt(folder, deviceId)).toMatchObject({ ok: true });
});
