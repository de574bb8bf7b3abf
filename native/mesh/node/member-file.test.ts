import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { testMachine } from "../identity/testing.ts";
import { createMembership, type MembershipStore } from "../membership/membership.ts";
import { openMemberFile } from "./member-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-members-"));
	path = join(folder, "members.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(): MembershipStore {
	const opened = openMemberFile(path);
	if (!opened.ok) throw new Error(opened.error);
	return opened.value;
}

const own = await testMachine();
const [first, second] = [await testMachine(), await testMachine()];
const membershipOf = (store: MembershipStore) =>
	createMembership({ identity: own, name: "own", store, log: silentLog, onRemoved: () => {} });

test("who was admitted is a member at the next start too", async () => {
	await membershipOf(open()).admit({ spki: first.spki, name: "first" });
	expect(membershipOf(open()).isMember(first.deviceId)).toBe(true);
});

test("a record that a power cut tore is left out, and neither it nor the ones after it are lost", async () => {
	await membershipOf(open()).admit({ spki: first.spki, name: "first" });
	appendFileSync(path, readFileSync(path, "utf8").slice(0, 40));
	const torn = membershipOf(open());
	expect(torn.isMember(first.deviceId)).toBe(true);
	await torn.admit({ spki: second.spki, name: "second" });
	const again = membershipOf(open());
	expect([again.isMember(first.deviceId), again.isMember(second.deviceId)]).toEqual([true, true]);
});
