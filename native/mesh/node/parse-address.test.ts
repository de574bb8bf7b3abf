import { expect, test } from "vitest";
import { MESH_PORT, parseAddress } from "./parse-address.ts";

test.each([
	["192.168.1.20", "192.168.1.20", MESH_PORT],
	["192.168.1.20:4000", "192.168.1.20", 4_000],
	[" attic.local:1 ", "attic.local", 1],
	["attic", "attic", MESH_PORT],
	["fe80::1", "fe80::1", MESH_PORT],
	["[fd00::5]:65535", "fd00::5", 65_535],
])("%s is the address of a machine", (typed, host, port) => {
	expect(parseAddress(typed)).toEqual({ ok: true, value: { host, port } });
});

test.each([
	"",
	":",
	"a b",
	"host:0",
	"host:65536",
	"host:",
	"http://host",
	"[attic]:5",
	"-x",
	"a:b:c",
	`${"x".repeat(64)}.local`,
])("%s is none, and the answer says how to write one", (typed) => {
	expect(parseAddress(typed)).toMatchObject({
		ok: false,
		error: { kind: "malformed", message: expect.stringContaining("192.168.1.20") },
	});
});
