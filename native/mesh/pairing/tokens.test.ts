import fc from "fast-check";
import { expect, test } from "vitest";
import { deviceIdOf } from "../identity/identity.ts";
import { makeTokenSecret, readToken, tokenIdOf, writeToken } from "./tokens.ts";

const hosts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.constantFrom("rig", "rig.local", "fe80::1%eth0"));
const tokens = fc.record({
	host: hosts,
	port: fc.integer({ min: 1, max: 65_535 }),
	deviceId: fc.uint8Array().map(deviceIdOf),
	secret: fc.uint8Array({ minLength: 16, maxLength: 16 }),
});

test("a token is read as it was written, whatever the address looks like", () => {
	fc.assert(
		fc.property(tokens, (token) => {
			expect(readToken(writeToken(token))).toEqual({ ok: true, value: token });
			expect(readToken(`  ${writeToken(token)}\r\n`)).toEqual({ ok: true, value: token });
		}),
	);
});

test("a token copied in part, or with something changed about its form, is none", () => {
	fc.assert(
		fc.property(tokens, fc.nat(), (token, at) => {
			const text = writeToken(token);
			expect(readToken(text.slice(0, at % text.length)).ok).toBe(false);
			expect(readToken(text.slice(1 + (at % text.length))).ok).toBe(false);
			expect(readToken(`${text}A`).ok).toBe(false);
		}),
	);
	const whole = writeToken({
		host: "rig",
		port: 1,
		deviceId: deviceIdOf(new Uint8Array()),
		secret: new Uint8Array(16),
	});
	for (const changed of [
		whole.replace(":1:", ":0:"),
		whole.replace(":1:", ":65536:"),
		whole.replace("mesh1", "mesh2"),
		whole.replace(/A$/, "B"),
	]) {
		expect(readToken(changed).ok, changed).toBe(false);
	}
});

test("what a token is called by says nothing of its secret, and differs between tokens", () => {
	const secrets = Array.from({ length: 100 }, makeTokenSecret);
	expect(new Set(secrets.map(tokenIdOf)).size).toBe(100);
	for (const secret of secrets)
		expect(writeToken({ host: "a", port: 1, deviceId: "x", secret })).not.toContain(tokenIdOf(secret));
});
