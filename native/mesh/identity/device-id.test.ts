import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { deviceIdOf, deviceIdSchema, fingerprintOf, readDeviceId, showDeviceId } from "./device-id.ts";
import { deviceNameSchema, toDeviceName } from "./device-name.ts";

const keys = fc.uint8Array({ minLength: 1, maxLength: 100 });

test("an id writes the digest of a key in base32, as RFC 4648 has it", () => {
	// The digest of "abc" (FIPS 180-2, B.1), in base32 by coreutils: sha256sum | xxd -r -p | base32.
	expect(deviceIdOf(Buffer.from("abc"))).toBe("XJ4BNP4PAHH6UQKBIDPF3LRCEOYAGYNDSYLXVHFUCD7WD4QACWWQ");
	fc.assert(
		fc.property(keys, (spki) => {
			const id = deviceIdOf(spki);
			expect(deviceIdSchema.safeParse(id).success).toBe(true);
			expect(Buffer.from(fingerprintOf(id))).toEqual(createHash("sha256").update(spki).digest());
		}),
	);
});

test("people may copy an id in any case, with spaces or hyphens, with check digits or without", () => {
	fc.assert(
		fc.property(keys, (spki) => {
			const id = deviceIdOf(spki);
			const shown = showDeviceId(id);
			expect(shown).toMatch(/^([A-Z2-7]{7}-){7}[A-Z2-7]{7}$/);
			for (const text of [shown, shown.toLowerCase().replaceAll("-", " "), id, `  ${id}\n`]) {
				expect(readDeviceId(text)).toEqual({ ok: true, value: id });
			}
		}),
	);
});

test("every single mistyped digit is noticed", () => {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const shown = showDeviceId(deviceIdOf(Buffer.from("abc")));
	for (let at = 0; at < shown.length; at += 1) {
		for (const digit of digits) {
			if (shown[at] === "-" || shown[at] === digit) continue;
			expect(readDeviceId(shown.slice(0, at) + digit + shown.slice(at + 1)).ok).toBe(false);
		}
	}
});

test("what is no id is refused", () => {
	for (const text of ["", "A", "0".repeat(52), "B".repeat(52), "A".repeat(53), "A".repeat(1_000)]) {
		expect(readDeviceId(text)).toMatchObject({ ok: false, error: { kind: "not-an-id" } });
	}
});

test("a name holds nothing that hides or turns the text around", () => {
	for (const name of ["", " ", "a ", "a\nb", "a\u202eb", "a\u200bb", "\ud800", "\0", "x".repeat(65)]) {
		expect(deviceNameSchema.safeParse(name).success, JSON.stringify(name)).toBe(false);
	}
	for (const name of ["büro", "GPU box 2", "書斎のPC", "😀", "x".repeat(64)]) {
		expect(deviceNameSchema.safeParse(name).success, name).toBe(true);
	}
});

test("whatever a computer is called, a name comes of it", () => {
	expect([toDeviceName("rig-7.local"), toDeviceName("\u202e\n"), toDeviceName(" a ")]).toEqual([
		"rig-7.local",
		"unnamed",
		"a",
	]);
	fc.assert(
		fc.property(fc.array(fc.nat(0x10ffff), { maxLength: 200 }), (points) => {
			const hostname = String.fromCodePoint(...points);
			expect(deviceNameSchema.safeParse(toDeviceName(hostname)).success).toBe(true);
		}),
	);
});
