import { expect, test } from "vitest";
import { bootOf, helloOf, takeInHand } from "../core/testing.ts";
import type { Member } from "../membership/membership.ts";
import { isOnline, type Known, viewOf } from "./view.ts";

const member = (deviceId: string): Member => ({ deviceId, spki: new Uint8Array(), name: `the ${deviceId}` });

function known(change: Partial<Known> = {}): Known {
	const members = new Map(["a", "b", "c"].map((name) => [name, member(name)]));
	return {
		self: "a",
		name: "my own",
		port: 5,
		own: null,
		membership: { members, revoked: new Set(), awaitingApproval: new Map([["z", member("z")]]) },
		links: [{ deviceId: "b", name: "Bee", version: "1", address: "10.0.0.2:5", relayedBy: null }],
		told: new Map(),
		slices: new Map([
			["b", [{ leaseId: "l", batchId: "x", lines: [[0, 4]] as const }]],
			["c", [{ leaseId: "m", batchId: "x", lines: [[9, 1]] as const }]],
		]),
		core: takeInHand(bootOf("a", ["a", "b", "c"])).state,
		host: { id: "b", term: 2, since: 1, why: "silence" },
		sightings: [],
		trouble: null,
		nowMs: 1_000_000,
		...change,
	};
}

test("this machine comes first, then the others by name, each with what is known of it", () => {
	const hand = takeInHand(bootOf("a", ["a", "b", "c"]));
	hand.hear("b", helloOf());
	const { machines } = viewOf(known({ core: hand.state }));
	expect(machines.map(({ id, name, is_self, is_online, is_host }) => [id, name, is_self, is_online, is_host])).toEqual([
		["a", "my own", true, true, false],
		["b", "Bee", false, true, true],
		["c", "the c", false, false, false],
	]);
	expect(machines[1]).toMatchObject({
		address: "10.0.0.2:5",
		slices: [{ batch_id: "x", lines: 4 }],
		last_heard_at: 1_000,
	});
	// What a machine that fell silent had in hand is not what it does.
	expect(machines[2]).toMatchObject({ slices: [], last_heard_at: null });
});

test("a machine that was not heard for ten seconds is not there", () => {
	const hand = takeInHand(bootOf("a", ["a", "b"]));
	hand.hear("b", helloOf());
	hand.wait(9_500);
	expect(isOnline(hand.state, "b")).toBe(true);
	hand.wait(1_000);
	expect(isOnline(hand.state, "b")).toBe(false);
});

test("what is heard every second is no news every second", () => {
	const hand = takeInHand(bootOf("a", ["a", "b"]));
	hand.hear("b", helloOf());
	const first = viewOf(known({ core: hand.state, nowMs: 1_000_000 }));
	hand.wait(1_000);
	hand.hear("b", helloOf());
	expect(viewOf(known({ core: hand.state, nowMs: 1_001_000 }))).toEqual(first);
});

test("strangers are told once each, members among what is heard are none", () => {
	const near = (deviceId: string, port: number) => ({
		...{ deviceId, name: deviceId, host: "10.0.0.9", port },
		...{ isPairing: true, source: "beacon" as const },
	});
	const view = viewOf(known({ sightings: [near("b", 1), near("s", 2), near("s", 3)] }));
	expect(view.strangers).toEqual([{ id: "s", name: "s", address: "10.0.0.9:2", is_pairing: true }]);
	expect(view.awaiting_approval).toEqual([{ id: "z", name: "the z" }]);
});
