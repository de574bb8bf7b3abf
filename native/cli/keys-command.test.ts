import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { locate } from "../locations/locations.ts";
import { createApiKeys } from "../settings/api-keys.ts";
import { callCommand } from "./call-testing.ts";
import { exitCodes } from "./exit-codes.ts";

let dataDir: string;
beforeEach(() => {
	dataDir = mkdtempSync(join(tmpdir(), "nightshift-keys-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const keysCommand = (...args: readonly string[]) => callCommand(dataDir, "keys", ...args);

test("keys are made, listed and revoked beside a service that has them open", async () => {
	const service = createApiKeys({ path: locate(dataDir).apiKeysPath, clock: systemClock, log: silentLog });
	expect((await keysCommand("list")).output).toContain("There are no keys");

	const added = await keysCommand("add", "my editor");
	expect(added.exitCode).toBe(exitCodes.done);
	const secret = /^nsk_[\w-]{43}$/m.exec(added.output)?.[0] ?? "";
	const key = service.verify(secret);
	expect(key).toMatchObject({ name: "my editor" });

	const listed = await keysCommand("list");
	expect(listed.output).toMatch(new RegExp(`^${key?.id}  ${key?.prefix}…  \\d{4}-\\d\\d-\\d\\d  my editor\n$`));

	const revoked = await keysCommand("revoke", key?.id ?? "");
	expect(revoked.output).toContain("my editor opens nothing any more. None is left");
	expect(service.verify(secret)).toBeNull();
});

test("what can't be done is said, with an exit code", async () => {
	expect(await keysCommand("add", " ")).toMatchObject({ exitCode: exitCodes.badInput });
	expect(await keysCommand("revoke", "none")).toMatchObject({ exitCode: exitCodes.badInput });
	writeFileSync(locate(dataDir).apiKeysPath, "{");
	const broken = await keysCommand("list");
	expect(broken).toMatchObject({ exitCode: exitCodes.broken, output: expect.stringContaining("can't be understood") });
	expect(readFileSync(locate(dataDir).apiKeysPath, "utf8")).toBe("{");
});
