import { expect, test } from "vitest";
import type { DeviceId } from "../identity/identity.ts";
import type { Advert } from "./advert.ts";
import {
	createSightings,
	MOST_STRANGERS,
	MOST_STRANGERS_A_HOST,
	SIGHTING_LIFE_MS,
	type Sighting,
} from "./sightings.ts";
import { standingClock, testDeviceId } from "./testing.ts";

const ownId = testDeviceId();

function begin(members: readonly DeviceId[] = []) {
	const { clock, pass } = standingClock();
	const found: Sighting[] = [];
	const gone: Sighting[] = [];
	const sightings = createSightings({
		ownId,
		clock,
		isMember: (id) => members.includes(id),
		onFound: (sighting) => void found.push(sighting),
		onGone: (sighting) => void gone.push(sighting),
	});
	return { sightings, pass, found, gone };
}

function advert(change: Partial<Advert> = {}): Advert {
	return { deviceId: testDeviceId(), name: "pc", port: 4_000, isPairing: false, ...change };
}

test("one machine heard both ways at one address is one sighting and found once", () => {
	const { sightings, found } = begin();
	const pc = advert();
	expect(sightings.hear(pc, "10.0.0.2", "bonjour")).toBe(true);
	expect(sightings.hear(pc, "10.0.0.2", "beacon")).toBe(false);
	expect(sightings.list()).toEqual([{ ...pc, host: "10.0.0.2", source: "beacon" }]);
	expect(found).toHaveLength(1);
});

test("a new name, port or pairing code is news", () => {
	const { sightings, found } = begin();
	const pc = advert();
	sightings.hear(pc, "10.0.0.2", "beacon");
	expect(sightings.hear({ ...pc, name: "den" }, "10.0.0.2", "beacon")).toBe(true);
	expect(sightings.hear({ ...pc, name: "den", isPairing: true }, "10.0.0.2", "beacon")).toBe(true);
	expect(sightings.hear({ ...pc, name: "den", isPairing: true, port: 5 }, "10.0.0.2", "beacon")).toBe(true);
	expect(found.map(({ port }) => port)).toEqual([4_000, 4_000, 4_000, 5]);
	expect(sightings.list()).toHaveLength(1);
});

test("whoever is not heard again is gone, and what is heard again stays", () => {
	const { sightings, pass, gone } = begin();
	const [dead, living] = [advert(), advert()];
	sightings.hear(dead, "10.0.0.2", "beacon");
	sightings.hear(living, "10.0.0.3", "beacon");
	pass(SIGHTING_LIFE_MS / 2);
	sightings.hear(living, "10.0.0.3", "bonjour");
	pass(SIGHTING_LIFE_MS / 2);
	// Also before anybody has swept.
	expect(sightings.list().map(({ deviceId }) => deviceId)).toEqual([living.deviceId]);
	expect(sightings.of(dead.deviceId)).toEqual([]);
	expect(sightings.isHeard("10.0.0.2")).toBe(false);
	sightings.sweep();
	expect(gone.map(({ deviceId }) => deviceId)).toEqual([dead.deviceId]);
	expect(sightings.hear(dead, "10.0.0.2", "beacon")).toBe(true);
});

test("a goodbye counts for the host it comes from, so nobody says it for another", () => {
	const { sightings } = begin();
	const pc = advert();
	sightings.hear(pc, "10.0.0.2", "beacon");
	sightings.leave(pc.deviceId, "10.0.0.66");
	expect(sightings.list()).toHaveLength(1);
	sightings.leave(pc.deviceId, "10.0.0.2");
	expect(sightings.list()).toEqual([]);
});

test("own echo and hosts that nobody can dial are ignored", () => {
	const { sightings, found } = begin();
	sightings.hear(advert({ deviceId: ownId }), "10.0.0.2", "beacon");
	for (const host of ["127.0.0.1", "0.0.0.0", "224.0.0.251", "255.255.255.255", "fe80::1", "pc.local"]) {
		expect(sightings.hear(advert(), host, "beacon")).toBe(false);
	}
	expect(found).toEqual([]);
});

test("thousands of made-up machines stay within bounds, and cost no member its place", () => {
	const members = Array.from({ length: 10 }, testDeviceId);
	const { sightings, pass } = begin(members);
	for (const [at, deviceId] of members.entries()) sightings.hear(advert({ deviceId }), `10.0.0.${at + 1}`, "beacon");
	for (let at = 0; at < 5_000; at += 1) {
		pass(1);
		sightings.hear(advert(), `10.9.${at % 250}.${at % 240}`, "bonjour");
	}
	const list = sightings.list();
	expect(list.slice(0, 10).map(({ deviceId }) => deviceId)).toEqual(members);
	expect(list).toHaveLength(10 + MOST_STRANGERS);
});

test("a crowd at one host leaves room for strangers at others", () => {
	const { sightings, pass } = begin();
	for (let at = 0; at < 1_000; at += 1) {
		sightings.hear(advert(), "10.0.0.66", "beacon");
		pass(1);
	}
	sightings.hear(advert({ name: "honest" }), "10.0.0.2", "beacon");
	expect(sightings.list().filter(({ host }) => host === "10.0.0.66")).toHaveLength(MOST_STRANGERS_A_HOST);
	expect(sightings.list().map(({ name }) => name)).toContain("honest");
});

test("the stranger that was silent longest makes room", () => {
	const { sightings, pass } = begin();
	const strangers = Array.from({ length: MOST_STRANGERS }, () => advert());
	for (const [at, stranger] of strangers.entries()) {
		sightings.hear(stranger, `10.0.0.${at + 1}`, "beacon");
		pass(100);
	}
	const [first = expect.fail()] = strangers;
	sightings.hear(first, "10.0.0.1", "beacon");
	sightings.hear(advert({ name: "new" }), "10.0.1.1", "beacon");
	const ids = sightings.list().map(({ deviceId }) => deviceId);
	expect(ids).toHaveLength(MOST_STRANGERS);
	expect(ids).toContain(first.deviceId);
	expect(ids).not.toContain(strangers[1]?.deviceId);
});

test("false addresses of a member push out no address that proved true, and come after it", () => {
	const deviceId = testDeviceId();
	const { sightings, pass } = begin([deviceId]);
	const pc = advert({ deviceId });
	sightings.hear(pc, "10.0.0.2", "bonjour");
	sightings.prove(deviceId, { host: "10.0.0.2", port: 4_000 });
	for (let at = 0; at < 100; at += 1) {
		pass(10);
		sightings.hear(pc, `10.6.6.${at + 1}`, "beacon");
	}
	const hosts = sightings.of(deviceId).map(({ host }) => host);
	expect(hosts).toHaveLength(8);
	expect(hosts.slice(0, 2)).toEqual(["10.0.0.2", "10.6.6.100"]);
});

test("another port at a host that proved true has to prove itself", () => {
	const deviceId = testDeviceId();
	const { sightings, pass } = begin([deviceId]);
	sightings.hear(advert({ deviceId }), "10.0.0.2", "bonjour");
	sightings.prove(deviceId, { host: "10.0.0.2", port: 4_000 });
	pass(10);
	sightings.hear(advert({ deviceId, port: 4_001 }), "10.0.0.2", "bonjour");
	pass(10);
	sightings.hear(advert({ deviceId }), "10.0.0.3", "bonjour");
	expect(sightings.of(deviceId).map(({ host }) => host)).toEqual(["10.0.0.3", "10.0.0.2"]);
});

test("members come first, then machines that are pairing", () => {
	const member = testDeviceId();
	const { sightings } = begin([member]);
	sightings.hear(advert({ name: "stranger" }), "10.0.0.2", "beacon");
	sightings.hear(advert({ name: "pairing", isPairing: true }), "10.0.0.3", "beacon");
	sightings.hear(advert({ name: "member", deviceId: member }), "10.0.0.4", "beacon");
	expect(sightings.list().map(({ name }) => name)).toEqual(["member", "pairing", "stranger"]);
});
