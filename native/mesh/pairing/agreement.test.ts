import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deviceIdOf } from "../identity/identity.ts";
import { utf8 } from "../identity/octets.ts";
import { type Agreement, agree, begin, checkConfirmation, confirm, type Meeting } from "./agreement.ts";
import { open, seal } from "./box.ts";

const desk = { deviceId: deviceIdOf(utf8("desk")), name: "desk", nonce: new Uint8Array(16).fill(1) };
const rig = { deviceId: deviceIdOf(utf8("rig")), name: "rig", nonce: new Uint8Array(16).fill(2) };
const meeting: Omit<Meeting, "role" | "scalar"> = {
	method: "code",
	secret: utf8("12345678"),
	shower: desk,
	typer: rig,
	exported: new Uint8Array(32).fill(3),
};

/** Both sides, as each sees the meeting. */
function meet(
	seenByShower = meeting,
	seenByTyper = meeting,
): { readonly shower: Agreement; readonly typer: Agreement } {
	const shower = begin({ ...seenByShower, role: "shower", scalar: 12_345n });
	const typer = begin({ ...seenByTyper, role: "typer", scalar: 67_890n });
	const [one, other] = [agree(shower, typer.share), agree(typer, shower.share)];
	if (!one.ok || !other.ok) throw new Error("A share of our own is weak");
	return { shower: one.value, typer: other.value };
}

test("both sides confirm to each other when they saw the same", () => {
	const { shower, typer } = meet();
	expect(checkConfirmation(shower, confirm(typer))).toBe(true);
	expect(checkConfirmation(typer, confirm(shower))).toBe(true);
	expect(shower.sessionKey).toEqual(typer.sessionKey);
});

test("the confirmation of one side is not the other's, so that it can't be sent back", () => {
	const { shower } = meet();
	expect(checkConfirmation(shower, confirm(shower))).toBe(false);
});

describe("neither side confirms when they saw different", () => {
	const other = deviceIdOf(utf8("mallory"));
	const differences: Readonly<Record<string, Partial<typeof meeting>>> = {
		code: { secret: utf8("12345679") },
		method: { method: "token" },
		"machine that shows": { shower: { ...desk, deviceId: other } },
		"machine that types": { typer: { ...rig, deviceId: other } },
		"machines, turned around": {
			shower: { ...desk, deviceId: rig.deviceId },
			typer: { ...rig, deviceId: desk.deviceId },
		},
		"name of the one": { shower: { ...desk, name: "rig" } },
		"name of the other": { typer: { ...rig, name: "desk" } },
		"nonce of the one": { shower: { ...desk, nonce: new Uint8Array(16) } },
		"nonce of the other": { typer: { ...rig, nonce: new Uint8Array(16) } },
		connection: { exported: new Uint8Array(32) },
		"ability to tell the connection": { exported: null },
	};
	for (const [what, difference] of Object.entries(differences)) {
		test(what, () => {
			const { shower, typer } = meet(meeting, { ...meeting, ...difference });
			expect(checkConfirmation(shower, confirm(typer))).toBe(false);
			expect(checkConfirmation(typer, confirm(shower))).toBe(false);
			expect(open(shower, seal(typer, utf8("x"))).ok).toBe(false);
		});
	}
});

test("the share itself depends on both machines and the connection, so that a wrong one tells nothing of the code", () => {
	const shareWith = (difference: Partial<typeof meeting>) =>
		Buffer.from(begin({ ...meeting, ...difference, role: "typer", scalar: 7n }).share).toString("hex");
	const other = deviceIdOf(utf8("mallory"));
	const shares = [
		shareWith({}),
		shareWith({ secret: utf8("12345679") }),
		shareWith({ method: "token" }),
		shareWith({ shower: { ...desk, deviceId: other } }),
		shareWith({ typer: { ...rig, deviceId: other } }),
		shareWith({ exported: null }),
	];
	expect(new Set(shares).size).toBe(shares.length);
});

test("no share that gives the key away is taken", () => {
	const begun = begin({ ...meeting, role: "shower", scalar: 12_345n });
	for (const share of [begun.share, new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31)]) {
		expect(agree(begun, share)).toEqual({ ok: false, error: { kind: "wrong-proof" } });
	}
});

test("what is sealed comes out whole at the other side, and nowhere else, and not changed in one bit", () => {
	const { shower, typer } = meet();
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.integer({ min: 0, max: 7 }), (octets, at, bit) => {
			const box = seal(shower, octets);
			expect(open(typer, box)).toEqual({ ok: true, value: octets });
			expect(open(shower, box).ok).toBe(false);
			expect(
				open(
					typer,
					box.map((octet, place) => (place === at % box.length ? octet ^ (1 << bit) : octet)),
				).ok,
			).toBe(false);
			expect(open(typer, box.subarray(0, at % box.length)).ok).toBe(false);
		}),
	);
});
