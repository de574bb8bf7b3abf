import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Library, type NativeFunction, openLibrary } from "./library.ts";

let folder: string;
let library: Library;
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-library-"));
	const path = join(folder, "library.so");
	const source = new URL("library-testing.c", import.meta.url).pathname;
	execFileSync("cc", ["-shared", "-fPIC", "-std=gnu11", "-Wall", "-Werror", "-o", path, source]);
	library = await open(join(folder, "not-there.so"), path);
});
afterAll(() => {
	library.close();
	rmSync(folder, { recursive: true, force: true });
});

async function open(...names: readonly string[]): Promise<Library> {
	const opened = await openLibrary(names);
	if (!opened.ok) throw new Error(opened.error.message);
	return opened.value;
}

function find(prototype: string): NativeFunction {
	const found = library.find(prototype);
	if (found === null) throw new Error(`no ${prototype}`);
	return found;
}

test("the first library that is there counts", () => {
	expect(library.name).toBe(join(folder, "library.so"));
});

test("when none is there, it is said of each why", async () => {
	const broken = join(folder, "broken.so");
	writeFileSync(broken, "no library");
	const opened = await openLibrary(["libnot-there.so.1", "/nowhere/libnot-there.so", broken]);
	expect(opened).toMatchObject({ ok: false, error: { kind: "absent" } });
	const message = opened.ok ? "" : opened.error.message;
	expect(message).toMatch(/^libnot-there\.so\.1, \/nowhere\/libnot-there\.so: .*No such file.*; .*broken\.so: .+/);
});

test("a function that a library lacks is null; a prototype nobody can read is a mistake of ours", () => {
	expect(library.find("int subtract(int one, int other)")).toBeNull();
	expect(() => library.find("integer add(int one, int other)")).toThrow();
});

test("values go in and out, here and on another thread", async () => {
	const add = find("int add(int one, int other)");
	expect([add.callHere(40, 2), await add.call(40, 2)]).toEqual([42, 42]);
	expect(await find("const char *greeting(void)").call()).toBe("good night");
	expect(await find("unsigned long long largest(void)").call()).toBe(2n ** 64n - 1n);
	expect(await find("void *same(void *pointer)").call(0x7f00_0000_1234n)).toBe(0x7f00_0000_1234n);
});

test("a call with too few values is refused as a promise", async () => {
	await expect(find("int add(int one, int other)").call(1)).rejects.toThrow();
});

test("a function that hangs halts nothing else, and what it writes to stays alive", async () => {
	setFlagsFromString("--expose-gc");
	const collect: () => void = runInNewContext("gc");
	const fillLate = find("int fill_late(_Out_ void *bytes, unsigned int size)");
	const release = find("void release(void)");
	let bytes: Buffer | null = Buffer.alloc(64);
	const held = new WeakRef(bytes);
	const call = fillLate.call(bytes, 64);
	bytes = null;
	// Whatever a promise or this turn of the event loop holds is let go before the collector looks.
	for (let turns = 0; turns < 3; turns++) {
		await new Promise((resolve) => setImmediate(resolve));
		collect();
	}
	expect(held.deref()).toBeDefined();
	release.callHere();
	expect(await call).toBe(64);
	expect(held.deref()?.every((byte) => byte === 7)).toBe(true);
});
