import { beforeEach, expect, test } from "vitest";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import { type MembershipRecord, signAdmit, signRevoke } from "../membership/membership.ts";
import { helloOf } from "./raw-testing.ts";
import { recordsForHello, recordsInFrames } from "./records.ts";
import { admit } from "./testing.ts";
import { MOST_FRAME_BYTES } from "./wire/limits.ts";

beforeEach(forgetMachines);

/** As many records as a membership ever has, with removals as large as they come. */
async function everything() {
	const [self, rig, desk, lap] = [await testMachine(), await testMachine(), await testMachine(), await testMachine()];
	const keeps = Array.from({ length: 256 }, (_, at) => at.toString(16).padStart(64, "0"));
	const admits = Array.from({ length: 800 }, (_, at) => signAdmit(desk, { spki: lap.spki, name: `m ${at}` }).record);
	const removals = Array.from({ length: 200 }, () => signRevoke(desk, lap.deviceId, keeps).record);
	const chain = [admit(rig, self), admit(desk, rig)];
	return { self, chain, removals, records: [...admits, ...removals, ...chain.toReversed()] };
}

const sizeOf = (records: readonly MembershipRecord[]) => Buffer.byteLength(JSON.stringify(records));

test("a hello has what makes its sender a member, whatever else finds no room", async () => {
	const { self, chain, removals, records } = await everything();
	const told = recordsForHello(self.deviceId, records);
	expect(sizeOf(records)).toBeGreaterThan(2 * MOST_FRAME_BYTES);
	expect(Buffer.byteLength(JSON.stringify(helloOf(self, told)))).toBeLessThan(MOST_FRAME_BYTES);
	expect(told.slice(0, 2)).toEqual(chain);
	expect(told[2]).toEqual(removals[0]);
	expect(told.length).toBeGreaterThan(40);
	expect(recordsForHello(self.deviceId, chain)).toEqual(chain);
	expect(recordsForHello(self.deviceId, [])).toEqual([]);
});

test("all records are told, in as many frames as it takes", async () => {
	const { records } = await everything();
	const lots = recordsInFrames(records);
	expect(lots.flat()).toEqual(records);
	for (const lot of lots) {
		expect(lot.length).toBeLessThanOrEqual(1_100);
		expect(sizeOf(lot)).toBeLessThan(MOST_FRAME_BYTES);
	}
});
