import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { getuid } from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { errorEnvelopeSchema, fileObjectSchema } from "../contract/contract.ts";
import { bytesOf } from "../ledger/testing/fixtures.ts";
import { type TestFolder, testFolder } from "../settings/testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
let folder: TestFolder;
beforeEach(async () => {
	api = await startTestApi({ limits: { fileBytes: 100_000 } });
	folder = testFolder();
});
afterEach(async () => {
	folder[Symbol.dispose]();
	await api.stop();
});

function send(body: object, headers: Record<string, string> = { authorization: `Bearer ${api.token}` }) {
	return api.app.request("/api/files/by-path", {
		method: "POST",
		headers: { "content-type": "application/json", ...headers },
		body: JSON.stringify(body),
	});
}

async function refusal(path: string) {
	const answer = await send({ path, purpose: "batch" });
	const { error } = errorEnvelopeSchema.parse(await answer.json());
	return { status: answer.status, param: error.param, code: error.code };
}

test("takes a file from the disk as if it had been sent", async () => {
	const path = folder.path("tickets of märz.jsonl");
	const text = '{"custom_id":"a"}\n'.repeat(2_000);
	writeFileSync(path, text);
	const answer = await send({ path, purpose: "batch" });
	expect(answer.status).toBe(200);
	const file = fileObjectSchema.parse(await answer.json());
	expect(file).toMatchObject({
		bytes: text.length,
		filename: "tickets of märz.jsonl",
		purpose: "batch",
		expires_at: null,
	});
	writeFileSync(path, "changed later\n");
	const record = api.ledger.file(file.id);
	if (record === null) throw new Error("The file is not in the ledger");
	expect((await bytesOf(api.ledger.readFile(record))).toString()).toBe(text);
});

test("takes an empty file too, and says later what is wrong with it", async () => {
	writeFileSync(folder.path("empty.jsonl"), "");
	expect((await send({ path: folder.path("empty.jsonl"), purpose: "batch" })).status).toBe(200);
});

test("follows links to ordinary files, under the name that was dropped", async () => {
	writeFileSync(folder.path("real.jsonl"), "{}\n");
	symlinkSync(folder.path("real.jsonl"), folder.path("link.jsonl"));
	const answer = await send({ path: folder.path("link.jsonl"), purpose: "batch" });
	expect(await answer.json()).toMatchObject({ filename: "link.jsonl", bytes: 3 });
	symlinkSync("/dev/zero", folder.path("endless.jsonl"));
	expect(await refusal(folder.path("endless.jsonl"))).toMatchObject({ status: 400, code: "not_a_file" });
	symlinkSync(folder.path("nowhere"), folder.path("broken.jsonl"));
	expect(await refusal(folder.path("broken.jsonl"))).toMatchObject({ status: 404, code: "file_not_found" });
});

test("refuses folders, devices and pipes without waiting for a byte of them", async () => {
	mkdirSync(folder.path("sub"));
	execFileSync("mkfifo", [folder.path("pipe")]);
	for (const path of [folder.path("sub"), folder.path("pipe"), "/dev/zero", "/dev/null"]) {
		expect(await refusal(path)).toEqual({ status: 400, param: "path", code: "not_a_file" });
	}
});

test("refuses what is no whole path", async () => {
	for (const path of ["tickets.jsonl", "./tickets.jsonl", "~/tickets.jsonl", "file:///etc/hosts", "/tmp/a\0b"]) {
		expect(await refusal(path)).toEqual({ status: 400, param: "path", code: "invalid_path" });
	}
	expect(await refusal(folder.path("none.jsonl"))).toEqual({ status: 404, param: "path", code: "file_not_found" });
	writeFileSync(folder.path("a.jsonl"), "{}\n");
	expect(await refusal(`${folder.path("a.jsonl")}/b`)).toMatchObject({ status: 404 });
	expect((await send({ path: folder.path("a.jsonl"), purpose: "fine-tune" })).status).toBe(400);
});

test("refuses a file that is too large, and leaves nothing of it", async () => {
	writeFileSync(folder.path("large.jsonl"), "x".repeat(100_001));
	expect(await refusal(folder.path("large.jsonl"))).toEqual({ status: 413, param: "path", code: "file_too_large" });
	expect(api.contentFiles()).toEqual([]);
});

test.skipIf(getuid?.() === 0)("says that the system keeps a file to itself", async () => {
	writeFileSync(folder.path("secret.jsonl"), "{}\n");
	chmodSync(folder.path("secret.jsonl"), 0);
	expect(await refusal(folder.path("secret.jsonl"))).toMatchObject({ status: 403, code: "file_not_readable" });
});

test("opens to the owner only: an API key lets nobody read this disk", async () => {
	writeFileSync(folder.path("a.jsonl"), "{}\n");
	const made = await api.keys.make("editor");
	if (!made.ok) throw new Error("No key could be made");
	const body = { path: folder.path("a.jsonl"), purpose: "batch" };
	expect((await send(body, {})).status).toBe(401);
	expect((await send(body, { authorization: `Bearer ${made.value.secret}` })).status).toBe(401);
});
