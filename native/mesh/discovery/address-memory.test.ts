import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { testFolder, testLog } from "../../settings/testing.ts";
import { MOST_TYPED, openAddressMemory } from "./address-memory.ts";
import { testDeviceId } from "./testing.ts";

test("where a machine was reached is known after a restart, latest first", async () => {
	using folder = testFolder();
	const path = folder.path("addresses.json");
	const [one, other] = [testDeviceId(), testDeviceId()];
	const memory = await openAddressMemory({ path, log: silentLog });
	memory.reached(one, { host: "10.0.0.1", port: 1 });
	memory.reached(one, { host: "10.0.0.2", port: 2 });
	memory.reached(one, { host: "10.0.0.1", port: 1 });
	memory.reached(other, { host: "10.0.0.3", port: 3 });
	await memory.flush();
	const again = await openAddressMemory({ path, log: silentLog });
	expect(again.remembered(one).map(({ host }) => host)).toEqual(["10.0.0.1", "10.0.0.2"]);
	expect(again.all().map(({ host }) => host)).toEqual(["10.0.0.3", "10.0.0.1", "10.0.0.2"]);
	expect(again.remembered(testDeviceId())).toEqual([]);
});

test("it stays within bounds: eight addresses a machine, and the machines reached last", async () => {
	using folder = testFolder();
	const path = folder.path("addresses.json");
	const memory = await openAddressMemory({ path, log: silentLog });
	const ids = Array.from({ length: 200 }, testDeviceId);
	for (const id of ids) for (let at = 1; at < 20; at += 1) memory.reached(id, { host: `10.0.0.${at}`, port: 1 });
	await memory.flush();
	const again = await openAddressMemory({ path, log: silentLog });
	expect(ids.filter((id) => again.remembered(id).length === 8)).toEqual(ids.slice(-128));
});

test("a typed address is on disk when that is said, knows who answered there, and stays until it is removed", async () => {
	using folder = testFolder();
	const path = folder.path("addresses.json");
	const memory = await openAddressMemory({ path, log: silentLog });
	const address = { host: "den.example", port: 4_000 };
	expect((await memory.addTyped(address)).ok).toBe(true);
	expect((await memory.addTyped({ ...address, host: "DEN.example" })).ok).toBe(true);
	const id = testDeviceId();
	expect((await openAddressMemory({ path, log: silentLog })).typed()).toEqual([{ ...address, deviceId: null }]);
	memory.reached(id, address);
	await memory.flush();
	expect((await openAddressMemory({ path, log: silentLog })).typed()).toEqual([{ ...address, deviceId: id }]);
	expect((await memory.removeTyped(address)).ok).toBe(true);
	expect((await openAddressMemory({ path, log: silentLog })).typed()).toEqual([]);
});

test("what is no address is refused, and so is one too many", async () => {
	using folder = testFolder();
	const memory = await openAddressMemory({ path: folder.path("addresses.json"), log: silentLog });
	for (const host of ["", "a b", "http://pc", "300.1.1.1", "-x", "pc/..", "x".repeat(300)]) {
		expect(await memory.addTyped({ host, port: 1 })).toMatchObject({ ok: false, error: { kind: "not-an-address" } });
	}
	for (const port of [0, 65_536, 1.5]) expect((await memory.addTyped({ host: "pc", port })).ok).toBe(false);
	for (const host of ["10.0.0.1", "fe80::1%eth0", "pc", "pc.local"]) {
		expect((await memory.addTyped({ host, port: 1 })).ok).toBe(true);
	}
	for (let at = memory.typed().length; at < MOST_TYPED; at += 1) await memory.addTyped({ host: "pc", port: at + 100 });
	expect(await memory.addTyped({ host: "pc", port: 1_000 })).toMatchObject({ ok: false, error: { kind: "too-many" } });
});

test("a broken file is told of, set aside and begun anew", async () => {
	using folder = testFolder();
	const path = folder.path("addresses.json");
	for (const content of ["{", '{"typed":[{"host":"x","port":99999999}],"machines":[]}', " ".repeat(600_000)]) {
		writeFileSync(path, content);
		const log = testLog();
		const memory = await openAddressMemory({ path, log });
		expect(memory.all()).toEqual([]);
		expect(log.told).toHaveLength(1);
		expect(readFileSync(`${path}.broken`, "utf8")).toBe(content);
		expect(existsSync(path)).toBe(false);
	}
});

test("an address that can't be written down is not kept, and that is said", async () => {
	using folder = testFolder();
	writeFileSync(folder.path("file"), "");
	const memory = await openAddressMemory({ path: folder.path("file/addresses.json"), log: testLog() });
	expect(await memory.addTyped({ host: "pc", port: 1 })).toMatchObject({ ok: false, error: { kind: "not-written" } });
	expect(memory.typed()).toEqual([]);
});
