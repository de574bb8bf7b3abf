import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { err, ok } from "../base/base.ts";
import { editFile } from "./edit-file.ts";
import { testFolder } from "./testing.ts";

test("makes the file and the folders above it, for the owner's eyes only", async () => {
	using folder = testFolder();
	const path = folder.path("a/b/file");
	expect(await editFile(path, (content) => ok(`${content}!`))).toEqual(ok(undefined));
	expect(readFileSync(path, "utf8")).toBe("null!");
	if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("takes away the rights others had on the file before", async () => {
	using folder = testFolder();
	const path = folder.path("file");
	writeFileSync(path, "old", { mode: 0o666 });
	await editFile(path, () => ok("new"));
	if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("loses none of many edits at the same time", async () => {
	using folder = testFolder();
	const path = folder.path("file");
	const edits = Array.from({ length: 30 }, () => editFile(path, (content) => ok(String(Number(content ?? 0) + 1))));
	await Promise.all(edits);
	expect(readFileSync(path, "utf8")).toBe("30");
	expect(readdirSync(folder.path("."))).toEqual(["file"]);
});

test("leaves the file as it was when the edit says no", async () => {
	using folder = testFolder();
	const path = folder.path("file");
	writeFileSync(path, "old");
	expect(await editFile(path, () => err("no"))).toEqual(err("no"));
	expect(readFileSync(path, "utf8")).toBe("old");
	expect(readdirSync(folder.path("."))).toEqual(["file"]);
});

test("goes on over the lock of a process that was killed", async () => {
	using folder = testFolder();
	const path = folder.path("file");
	writeFileSync(`${path}.lock`, "half a fi");
	utimesSync(`${path}.lock`, 1, 1);
	expect(await editFile(path, () => ok("new"))).toEqual(ok(undefined));
	expect(readFileSync(path, "utf8")).toBe("new");
});

test("says what failed without naming the path", async () => {
	using folder = testFolder();
	writeFileSync(folder.path("file"), "");
	const edited = await editFile(folder.path("file/below"), () => ok("new"));
	expect(edited).toEqual(err({ kind: "not-written", message: expect.stringMatching(/^The file .* \(E[A-Z]+\)\.$/) }));
});
