import { expect, test } from "vitest";
import { createProbePlan, MOST_PROBES } from "./probe-plan.ts";
import { standingClock, testDeviceId } from "./testing.ts";
import { createToldAddresses, TOLD_LIFE_MS } from "./told-addresses.ts";

test("addresses of members are kept for a while, told last first, and never too many", () => {
	const { clock, pass } = standingClock();
	const [member, stranger] = [testDeviceId(), testDeviceId()];
	const told = createToldAddresses(clock, (id) => id === member);
	for (let at = 1; at <= 20; at += 1) told.take([{ deviceId: member, host: `10.0.0.${at}`, port: 1 }]);
	told.take([
		{ deviceId: stranger, host: "10.0.0.1", port: 1 },
		{ deviceId: member, host: "127.0.0.1", port: 1 },
		{ deviceId: member, host: "pc.example", port: 1 },
		{ deviceId: member, host: "10.0.0.99", port: 0 },
	]);
	expect(told.of(member).map(({ host }) => host)).toEqual([20, 19, 18, 17, 16, 15, 14, 13].map((at) => `10.0.0.${at}`));
	expect(told.of(stranger)).toEqual([]);
	pass(TOLD_LIFE_MS - 1);
	told.take([{ deviceId: member, host: "10.0.0.15", port: 1 }]);
	pass(1);
	expect(told.all()).toEqual([{ host: "10.0.0.15", port: 1 }]);
});

test("addresses of a machine that is no member any more are forgotten", () => {
	const { clock } = standingClock();
	const members = new Set([testDeviceId()]);
	const told = createToldAddresses(clock, (id) => members.has(id));
	for (const deviceId of members) told.take([{ deviceId, host: "10.0.0.1", port: 1 }]);
	expect(told.all()).toHaveLength(1);
	members.clear();
	expect(told.all()).toEqual([]);
});

test("a silent host is asked ever more seldom, one that answers goes on being asked", () => {
	const { clock, pass } = standingClock();
	const plan = createProbePlan(clock);
	const asked = { silent: 0, heard: 0 };
	for (let round = 0; round < 120; round += 1) {
		for (const host of plan.due(["silent", "heard"], (one) => one === "heard"))
			asked[host === "heard" ? "heard" : "silent"] += 1;
		pass(5_000);
	}
	// Ten minutes: every round, and after the first minute once a minute.
	expect(asked.heard).toBe(120);
	expect(asked.silent).toBeGreaterThan(10);
	expect(asked.silent).toBeLessThan(16);
	plan.reset();
	expect(plan.due(["silent"], () => false)).toEqual(["silent"]);
});

test("a long list is gone through in turn", () => {
	const { clock, pass } = standingClock();
	const plan = createProbePlan(clock);
	const hosts = Array.from({ length: MOST_PROBES * 3 }, (_, at) => `10.0.0.${at}`);
	const asked = [0, 1, 2].flatMap(() => {
		pass(5_000);
		return plan.due(hosts, () => false);
	});
	expect(new Set(asked)).toEqual(new Set(hosts));
});
