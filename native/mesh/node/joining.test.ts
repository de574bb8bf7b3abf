import { beforeEach, expect, test } from "vitest";
import { LOOPBACK } from "../door/testing.ts";
import { forgetMachines } from "../identity/testing.ts";
import { showCode } from "../pairing/pairing.ts";
import { openShower, strangerNamed } from "../pairing/testing.ts";
import { type JoinWay, join } from "./joining.ts";

beforeEach(forgetMachines);

/** Has a new machine join; answers what came of it, and where members are looked for from then on. */
async function joining(way: JoinWay) {
	const { identity, membership } = await strangerNamed("rig");
	const reached: unknown[] = [];
	const discovery = {
		sightings: () => [],
		reached: (deviceId: string, address: unknown) => void reached.push([deviceId, address]),
	};
	return { joined: await join({ identity, membership, name: () => "rig", discovery }, way), reached };
}

test("whoever joins, by code or by token, remembers where the other machine was met", async () => {
	await using desk = await openShower("desk");
	const where = { host: LOOPBACK, port: desk.port };
	const token = desk.pairing.invite(where, 60_000);
	if (!token.ok) throw new Error(token.error.message);
	for (const way of [{ token: token.value }, { address: `${LOOPBACK}:${desk.port}`, code: showCode(desk.show()) }]) {
		const { joined, reached } = await joining(way);
		expect(joined).toMatchObject({ ok: true, value: { name: "desk" } });
		expect(reached).toEqual([[desk.identity.deviceId, where]]);
	}
});

test("where nobody is let in, what to do is said", async () => {
	await using desk = await openShower("desk");
	const { joined, reached } = await joining({ address: `${LOOPBACK}:${desk.port}`, code: "1234 5678" });
	expect(joined).toMatchObject({
		ok: false,
		error: { kind: "refused", message: expect.stringContaining("shows a code") },
	});
	expect(reached).toEqual([]);
});
