import fc from "fast-check";
import { expect, test } from "vitest";
import { type Advert, instanceName, readResponse, SERVICE_DOMAIN, writeTxt } from "./advert.ts";
import { testDeviceId } from "./testing.ts";

const pc: Advert = { deviceId: testDeviceId(), name: "Büro = 2", port: 4_000, isPairing: true };

/** A response as `multicast-dns` decodes it. */
function response(advert: Advert, change: { readonly ttl?: number; readonly txt?: Record<string, string> } = {}) {
	const name = `${instanceName(advert.deviceId)}.${SERVICE_DOMAIN}`;
	const txt = Object.entries(change.txt ?? writeTxt(advert)).map(([key, value]) => Buffer.from(`${key}=${value}`));
	return {
		answers: [{ name: SERVICE_DOMAIN.toUpperCase(), type: "PTR", ttl: change.ttl ?? 28_800, data: name }],
		additionals: [
			{ name, type: "SRV", ttl: 120, data: { port: advert.port, target: "x.local" } },
			{ name, type: "TXT", ttl: 4_500, data: txt },
		],
	};
}

test("what one machine says is what another reads", () => {
	expect(readResponse(response(pc))).toEqual([{ ...pc, isLeaving: false }]);
});

test("a goodbye is a pointer without life", () => {
	expect(readResponse(response(pc, { ttl: 0 }))).toEqual([{ ...pc, isLeaving: true }]);
});

test("the widest name fits one entry of a TXT record", () => {
	const txt = writeTxt({ ...pc, name: "€".repeat(500) });
	for (const [key, value] of Object.entries(txt)) expect(Buffer.byteLength(`${key}=${value}`)).toBeLessThan(256);
	expect(readResponse(response({ ...pc, name: "€".repeat(500) }))[0]?.name).toBe("€".repeat(64));
});

test.each([
	["an id of another form", { ...writeTxt(pc), id: "../../etc" }],
	["no id", { v: "1", name: "pc" }],
	["another version", { ...writeTxt(pc), v: "2" }],
])("a record with %s is passed over", (_what, txt) => {
	expect(readResponse(response(pc, { txt }))).toEqual([]);
});

test("ports nobody can dial are passed over", () => {
	for (const port of [0, 65_536, -1, 1.5]) expect(readResponse(response({ ...pc, port }))).toEqual([]);
});

test("names of thousands of characters, and those that hide something, come out bounded and plain", () => {
	const txt = { ...writeTxt(pc), name: `\u202e${"x".repeat(5_000)}` };
	expect(readResponse(response(pc, { txt }))[0]?.name).toBe("x".repeat(64));
});

test("one packet speaks for few machines", () => {
	const packets = Array.from({ length: 500 }, () => response({ ...pc, deviceId: testDeviceId() }));
	const answers = packets.flatMap((packet) => [...packet.answers, ...packet.additionals]);
	expect(readResponse({ answers }).length).toBeLessThanOrEqual(4);
});

test("packets of any shape are read without harm", () => {
	fc.assert(
		fc.property(fc.anything(), (packet) => {
			expect(readResponse(packet)).toEqual([]);
			expect(readResponse({ answers: [packet], additionals: packet })).toEqual([]);
			expect(readResponse({ answers: [{ name: SERVICE_DOMAIN, type: "PTR", data: packet }] })).toEqual([]);
		}),
	);
});
