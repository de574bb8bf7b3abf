import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createListeners, endsWithin, parseJson, platformOf, replaceFile } from "./base.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-base-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a file is replaced as a whole, in a folder that is made, for whom it is meant", async () => {
	const path = join(folder, "made", "file");
	await replaceFile(path, "one", 0o600);
	expect(statSync(path).mode & 0o777).toBe(0o600);
	await replaceFile(path, "two", 0o600);
	expect(readFileSync(path, "utf8")).toBe("two");
	expect(readdirSync(join(folder, "made"))).toEqual(["file"]);
});

test("what a kill left of an earlier write is in nobody's way", async () => {
	writeFileSync(join(folder, "file.new"), "half of something long");
	await replaceFile(join(folder, "file"), "whole", 0o600);
	expect(readFileSync(join(folder, "file"), "utf8")).toBe("whole");
	expect(readdirSync(folder)).toEqual(["file"]);
});

test("a file that can't be replaced stays, and nothing is left beside it", async () => {
	mkdirSync(join(folder, "file"));
	await expect(replaceFile(join(folder, "file"), "text", 0o600)).rejects.toThrow("EISDIR");
	expect(readdirSync(folder)).toEqual(["file"]);
});

test("waiting ends when what is waited for does, or the time", async () => {
	expect(await endsWithin(Promise.resolve(), 10_000)).toBe(true);
	expect(await endsWithin(new Promise(() => {}), 1)).toBe(false);
	await expect(endsWithin(Promise.reject(new Error("no")), 10_000)).rejects.toThrow("no");
});

test("who leaves or joins while all are told changes nothing for the others", () => {
	const { join: listen, tell } = createListeners<number>();
	const heard: string[] = [];
	const leave = listen((news) => {
		heard.push(`first ${news}`);
		leave();
		listen((later) => void heard.push(`joined ${later}`));
	});
	listen((news) => void heard.push(`second ${news}`));
	tell(1);
	expect(heard).toEqual(["first 1", "second 1"]);
	tell(2);
	expect(heard.slice(2)).toEqual(["second 2", "joined 2"]);
});

test("other systems run the Linux build", () => {
	expect((["darwin", "win32", "linux", "freebsd"] as const).map(platformOf)).toEqual([
		"darwin",
		"win32",
		"linux",
		"linux",
	]);
});

test("text that is no JSON is read as null", () => {
	expect(parseJson('{"a":1}')).toEqual({ a: 1 });
	expect(parseJson("{")).toBeNull();
});
