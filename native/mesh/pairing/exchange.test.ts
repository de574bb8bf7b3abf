import { beforeEach, expect, test } from "vitest";
import { deviceIdOf } from "../identity/identity.ts";
import { utf8 } from "../identity/octets.ts";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import { type MembershipRecord, signAdmit, signRevoke } from "../membership/membership.ts";
import { agree, begin } from "./agreement.ts";
import { boxOf, draw, unbox } from "./exchange.ts";
import { acceptedSchema, largeMessage } from "./messages.ts";

beforeEach(forgetMachines);

const party = (name: string) => ({ deviceId: deviceIdOf(utf8(name)), name, nonce: new Uint8Array(16) });

/** The two ends of a pairing. */
function agreements() {
	const common = {
		method: "code",
		secret: utf8("1"),
		shower: party("desk"),
		typer: party("rig"),
		exported: null,
	} as const;
	const shower = begin({ ...common, role: "shower", scalar: draw().scalar });
	const typer = begin({ ...common, role: "typer", scalar: draw().scalar });
	const [one, other] = [agree(shower, typer.share), agree(typer, shower.share)];
	if (!one.ok || !other.ok) throw new Error("A share of our own is weak");
	return { shower: one.value, typer: other.value };
}

test("records that are too many are cut so that the message is taken, the newest member and the removals first", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	const { shower, typer } = agreements();
	const first = signAdmit(here, { spki: there.spki, name: "new" }).record;
	const admit = signAdmit(here, { spki: here.spki, name: "old" }).record;
	const revoke = signRevoke(here, deviceIdOf(utf8("gone")), []).record;
	const records: readonly MembershipRecord[] = [...Array.from({ length: 3_000 }, () => admit), revoke];
	const box = boxOf(shower, first, records);
	const accepted = { kind: "accepted", confirmation: "A".repeat(86), box };
	expect(acceptedSchema.safeParse(accepted).success).toBe(true);
	expect(JSON.stringify(accepted).length).toBeLessThan(largeMessage.sizeBytes);
	const shown = unbox(typer, box);
	if (!shown.ok) throw new Error("The box stays shut");
	expect(shown.value.slice(0, 3)).toEqual([first, revoke, admit]);
	expect(shown.value.length).toBeGreaterThan(1_000);
	expect(shown.value.length).toBeLessThan(3_000);
});
