import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import type { Downloads } from "./downloads.ts";
import { begin, type DownloadsWish, ended, openDownloads } from "./open-testing.ts";
import { modelBytes, startHub, type TestHub } from "./testing.ts";

const KIBIBYTE = 1_024;
const model = modelBytes(300 * KIBIBYTE);
let folder: string;
let hub: TestHub;
const opened: Downloads[] = [];

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-downloads-"));
	hub = await startHub({ "model-Q4_K_M.gguf": model, "model-Q8_0.gguf": modelBytes(400 * KIBIBYTE, 8) });
});
afterEach(async () => {
	for (const downloads of opened.splice(0)) await downloads.stop();
	await hub[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true });
});

async function open(wish: DownloadsWish = {}): Promise<Downloads> {
	const downloads = await openDownloads(folder, hub.url, wish);
	opened.push(downloads);
	return downloads;
}

const inPlace = (name = "model-Q4_K_M.gguf") => readFileSync(join(folder, "models", name));
const leftovers = () => readdirSync(join(folder, "models", ".downloads"));

describe("downloads", () => {
	test("go one at a time; a paused one lets the next begin and keeps what has come, across a restart", async () => {
		hub.manners.stallAfterBytes = 100 * KIBIBYTE;
		const before = await open();
		const first = await begin(before);
		await begin(before, "hf:owner/model:Q8_0");
		await expect.poll(() => before.list()[0]?.received_bytes).toBe(100 * KIBIBYTE);
		expect(before.list().map(({ state }) => state)).toEqual(["running", "queued"]);
		expect(await before.pause(first)).toMatchObject({
			ok: true,
			value: { state: "paused", received_bytes: 100 * KIBIBYTE },
		});
		expect(before.list().map(({ state }) => state)).toEqual(["paused", "running"]);
		await before.stop();
		hub.manners.stallAfterBytes = null;
		const after = await open();
		await expect
			.poll(() =>
				after
					.list()
					.map(({ state }) => state)
					.sort(),
			)
			.toEqual(["done", "paused"]);
		await after.resume(first);
		await expect.poll(() => after.list().map(({ state }) => state)).toEqual(["done", "done"]);
		expect(inPlace().equals(model)).toBe(true);
		expect(hub.askedFiles().map(({ range }) => range)).toContain(`bytes=${100 * KIBIBYTE}-`);
	});

	test("that are removed leave nothing behind", async () => {
		hub.manners.stallAfterBytes = 100 * KIBIBYTE;
		const downloads = await open();
		const id = await begin(downloads);
		await expect.poll(() => downloads.list()[0]?.received_bytes).toBe(100 * KIBIBYTE);
		expect(await downloads.remove(id)).toMatchObject({ ok: true, value: { state: "running" } });
		expect(downloads.list()).toEqual([]);
		expect(leftovers()).toEqual([]);
		expect(await downloads.remove(id)).toMatchObject({ ok: false, error: { kind: "not-found" } });
	});

	test("that are done can be neither paused nor resumed, only taken off the list", async () => {
		const downloads = await open();
		const id = await begin(downloads);
		await ended(downloads);
		expect(await downloads.pause(id)).toMatchObject({ ok: false, error: { kind: "wrong-state" } });
		expect(await downloads.remove(id)).toMatchObject({ ok: true, value: { state: "done" } });
		expect(downloads.list()).toEqual([]);
		expect(inPlace().equals(model)).toBe(true);
	});

	test("of the same reference are one, and never overwrite a model", async () => {
		hub.manners.stallAfterBytes = 10;
		const downloads = await open();
		const [one, other] = await Promise.all([downloads.add("hf:owner/model"), downloads.add(" hf:owner/model ")]);
		expect(one.ok && other.ok && one.value.id === other.value.id).toBe(true);
		const byPath = await downloads.add("hf:owner/model/model-Q4_K_M.gguf");
		expect(byPath).toMatchObject({ ok: false, error: { kind: "name-taken" } });
		mkdirSync(join(folder, "models"), { recursive: true });
		writeFileSync(join(folder, "models", "model-Q8_0.gguf"), "mine");
		expect(await downloads.add("hf:owner/model:Q8_0")).toMatchObject({ ok: false, error: { kind: "name-taken" } });
		writeFileSync(join(folder, "models", "model-Q4_K_M.gguf"), "mine too");
		hub.manners.stallAfterBytes = null;
		await downloads.pause(downloads.list()[0]?.id ?? "");
		await downloads.resume(downloads.list()[0]?.id ?? "");
		await ended(downloads);
		expect(downloads.list()).toMatchObject([{ state: "failed", problem: expect.stringContaining("already") }]);
		expect(inPlace().toString()).toBe("mine too");
	});

	test("beyond the limit, or larger than the disk, are not begun", async () => {
		hub.manners.stallAfterBytes = 10;
		const downloads = await open({ with: { open: 1 } });
		await begin(downloads);
		expect(await downloads.add("hf:owner/model:Q8_0")).toMatchObject({ ok: false, error: { kind: "queue-full" } });
		const small = await open({ freeBytes: async () => 300 * KIBIBYTE, with: { leastFreeBytes: 1 } });
		expect(await small.add("hf:owner/model:Q8_0")).toMatchObject({ ok: false, error: { kind: "disk-full" } });
	});

	test.each([
		[{ status: 401, headers: { "x-error-code": "GatedRepo" }, body: "" }, "gated", "licence"],
		[{ status: 401, headers: { "x-error-code": "RepoNotFound" }, body: "" }, "reference", "HF_TOKEN"],
		[{ status: 500, headers: {}, body: "" }, "unreachable", "can't answer now"],
		[{ status: 200, headers: {}, body: "<html>" }, "unreachable", "can't be read"],
		[{ status: 200, headers: {}, body: "{}" }, "unreachable", "can't be read"],
	])("are refused where the Hub answers %j", async (listing, kind, words) => {
		hub.manners.listing = listing;
		const refused = await (await open()).add("hf:owner/model");
		expect(refused).toMatchObject({ ok: false, error: { kind, message: expect.stringContaining(words) } });
	});

	test("are refused where the repository has no such thing, with what it has", async () => {
		const downloads = await open();
		expect(await downloads.add("hf:owner/model:Q2_K")).toMatchObject({
			ok: false,
			error: { kind: "reference", message: expect.stringContaining("Q4_K_M, Q8_0") },
		});
		expect(await downloads.add("hf:owner/other")).toMatchObject({ ok: false, error: { kind: "reference" } });
		const unreachable = await open({ hubAddress: "http://127.0.0.1:1" });
		expect(await unreachable.add("hf:owner/model")).toMatchObject({ ok: false, error: { kind: "unreachable" } });
	});

	test("whose file is damaged are told and left alone, and the others go on", async () => {
		const state = join(folder, "models", ".downloads");
		mkdirSync(state, { recursive: true });
		const id = "0".repeat(36);
		writeFileSync(join(state, `${id}.json`), "{ nonsense");
		writeFileSync(join(state, `${"1".repeat(36)}-x.gguf.part`), "orphan");
		const warnings: string[] = [];
		const downloads = await open({ log: { ...silentLog, warn: (_fields, message) => warnings.push(message) } });
		expect(warnings).toHaveLength(1);
		expect(readdirSync(state)).toEqual([`${id}.json`]);
		await begin(downloads);
		await ended(downloads);
		expect(inPlace().equals(model)).toBe(true);
	});
});
