import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { epochOf } from "../core/testing.ts";
import { openEpochFile } from "./epoch-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-epochs-"));
	path = join(folder, "epochs.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open() {
	const opened = openEpochFile(path);
	if (!opened.ok) throw new Error(opened.error);
	return opened.value;
}

test("a machine that was never host and heard of none starts from nothing", () => {
	expect(open().saved).toEqual({ maxEpoch: null, ownTerm: 0 });
});

test("what was saved last is there at the next start, however fast it was asked for", async () => {
	const file = open();
	const saves = [1, 2, 3].map((term) => file.save({ maxEpoch: epochOf(term, "a"), ownTerm: term }));
	for (const saved of await Promise.all(saves)) expect(saved).toEqual({ ok: true, value: undefined });
	expect(open().saved).toEqual({ maxEpoch: epochOf(3, "a"), ownTerm: 3 });
});

test("a damaged file is a fault that says how to mend it, and is never taken for an empty one", () => {
	for (const text of ["", "{", '{"ownTerm":-1,"maxEpoch":null}', '{"maxEpoch":null}']) {
		writeFileSync(path, text);
		expect(openEpochFile(path)).toMatchObject({ ok: false, error: expect.stringContaining("Delete mesh-epochs.json") });
	}
});

test("a disk that does not take it is told in words", async () => {
	const file = open();
	rmSync(folder, { recursive: true });
	writeFileSync(folder, "a file in the folder's place");
	expect(await file.save({ maxEpoch: null, ownTerm: 1 })).toMatchObject({ ok: false });
	rmSync(folder);
});
