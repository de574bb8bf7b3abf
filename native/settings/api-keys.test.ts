import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { systemClock } from "../base/base.ts";
import { type ApiKeys, createApiKeys } from "./api-keys.ts";
import { readServerToken, writeServerToken } from "./server-token.ts";
import { testFolder, testLog } from "./testing.ts";

function openKeys(path: string, log = testLog()): ApiKeys {
	return createApiKeys({ path, log, clock: systemClock });
}

async function make(keys: ApiKeys, name: string) {
	const made = await keys.make(name);
	if (!made.ok) throw new Error(made.error.message);
	return made.value;
}

test("a key is what it should be, and its file holds nothing that opens anything", async () => {
	using folder = testFolder();
	const path = folder.path("api-keys.json");
	const keys = openKeys(path);
	expect(keys.areRequired).toBe(false);
	expect(existsSync(path)).toBe(false);
	const { key, secret } = await make(keys, "  editor ");
	expect(secret).toMatch(/^nsk_[\w-]{43}$/);
	expect(key).toMatchObject({ name: "editor", prefix: secret.slice(0, 8), lastUsedAtMs: null });
	const stored = readFileSync(path, "utf8");
	expect(stored).not.toContain(secret);
	expect(stored).not.toContain(secret.slice(9));
	expect(stored).toContain(key.prefix);
	if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(keys.areRequired).toBe(true);
});

test("only a whole secret of a key there is opens anything", async () => {
	using folder = testFolder();
	const keys = openKeys(folder.path("api-keys.json"));
	const { key, secret } = await make(keys, "one");
	await make(keys, "two");
	expect(keys.verify(secret)).toMatchObject({ id: key.id, lastUsedAtMs: expect.any(Number) });
	const stored = JSON.parse(readFileSync(folder.path("api-keys.json"), "utf8")).keys[0];
	for (const wrong of [
		"",
		secret.slice(0, -1),
		`${secret}a`,
		secret.toLowerCase(),
		stored.digest,
		key.id,
		key.prefix,
	]) {
		expect(keys.verify(wrong)).toBeNull();
	}
});

test("what another process makes or revokes counts at once", async () => {
	using folder = testFolder();
	const path = folder.path("api-keys.json");
	const [service, tool] = [openKeys(path), openKeys(path)];
	const { key, secret } = await make(tool, "made by the tool");
	expect(service.areRequired).toBe(true);
	expect(service.verify(secret)).not.toBeNull();
	expect((await tool.revoke(key.id)).ok).toBe(true);
	expect(service.verify(secret)).toBeNull();
	expect(service.list()).toEqual([]);
	expect(service.areRequired).toBe(false);
	expect(await service.revoke(key.id)).toMatchObject({ ok: false, error: { kind: "not-found" } });
});

test("makers at the same time lose none of each other's keys", async () => {
	using folder = testFolder();
	const path = folder.path("api-keys.json");
	const made = await Promise.all(Array.from({ length: 20 }, (_, number) => make(openKeys(path), `key ${number}`)));
	const keys = openKeys(path);
	for (const { secret } of made) expect(keys.verify(secret)).not.toBeNull();
});

test("there is a most, and names are one short line", async () => {
	using folder = testFolder();
	const path = folder.path("api-keys.json");
	const keys = openKeys(path);
	await make(keys, "first");
	const [first] = JSON.parse(readFileSync(path, "utf8")).keys;
	writeFileSync(path, JSON.stringify({ keys: Array.from({ length: 64 }, (_, id) => ({ ...first, id: `key_${id}` })) }));
	expect(await keys.make("one too many")).toMatchObject({ ok: false, error: { kind: "too-many" } });
	for (const name of ["", " ", "a\nb", "a\u0000", "n".repeat(65)]) {
		expect(await keys.make(name)).toMatchObject({ ok: false, error: { kind: "bad-name" } });
	}
});

test("a file that can't be understood opens nothing, is told once, and is left as it is", async () => {
	using folder = testFolder();
	const path = folder.path("api-keys.json");
	const log = testLog();
	const keys = openKeys(path, log);
	const { key, secret } = await make(keys, "one");
	const whole = readFileSync(path, "utf8");
	for (const broken of ["{", "{}", whole.replace(/"digest": ".{10}/, '"digest": "')]) {
		writeFileSync(path, broken);
		expect(keys.areRequired).toBe(true);
		expect(keys.verify(secret)).toBeNull();
		expect(await keys.make("another")).toMatchObject({ ok: false, error: { kind: "broken" } });
		expect(await keys.revoke(key.id)).toMatchObject({ ok: false, error: { kind: "broken" } });
		expect(readFileSync(path, "utf8")).toBe(broken);
	}
	expect(log.told).toHaveLength(3);
	writeFileSync(path, whole);
	expect(keys.verify(secret)).not.toBeNull();
	rmSync(path);
	expect(keys.areRequired).toBe(false);
});

test("the server's token is the owner's alone, new each time, and goes with the server that wrote it", async () => {
	using folder = testFolder();
	const path = folder.path("server-token");
	expect(readServerToken(path)).toBeNull();
	const first = await writeServerToken(path);
	const second = await writeServerToken(path);
	if (!first.ok || !second.ok) throw new Error("The token could not be written");
	expect(second.value.value).toMatch(/^[0-9a-f]{64}$/);
	expect(second.value.value).not.toBe(first.value.value);
	if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
	first.value.remove();
	expect(readServerToken(path)).toBe(second.value.value);
	second.value.remove();
	expect(existsSync(path)).toBe(false);
});
