import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Downloads } from "./downloads.ts";
import { begin, type DownloadsWish, ended, openDownloads, reached } from "./open-testing.ts";
import { modelBytes, sha256, startHub, type TestHub } from "./testing.ts";

const KIBIBYTE = 1_024;
const model = modelBytes(300 * KIBIBYTE);
let folder: string;
let hub: TestHub;
const opened: Downloads[] = [];
const digests: [string, string][] = [];

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-downloads-"));
	hub = await startHub({ "model-Q4_K_M.gguf": model, "model-Q8_0.gguf": modelBytes(400 * KIBIBYTE, 8) });
	digests.length = 0;
});
afterEach(async () => {
	for (const downloads of opened.splice(0)) await downloads.stop();
	await hub[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true });
});

async function open(wish: DownloadsWish = {}): Promise<Downloads> {
	const downloads = await openDownloads(folder, hub.url, { onDigest: (...told) => void digests.push(told), ...wish });
	opened.push(downloads);
	return downloads;
}

const inPlace = (name = "model-Q4_K_M.gguf") => readFileSync(join(folder, "models", name));
const leftovers = () => readdirSync(join(folder, "models", ".downloads"));

describe("a download", () => {
	test("of a repository takes the usual file, checks it, and leaves nothing behind", async () => {
		const downloads = await open();
		await begin(downloads);
		await ended(downloads);
		expect(downloads.list()).toMatchObject([
			{
				state: "done",
				name: "model-Q4_K_M",
				received_bytes: model.byteLength,
				total_bytes: model.byteLength,
				problem: null,
			},
		]);
		expect(inPlace().equals(model)).toBe(true);
		expect(leftovers()).toEqual([]);
		expect(digests).toEqual([[join(folder, "models", "model-Q4_K_M.gguf"), sha256(model)]]);
	});

	test("takes the quantization, the file or the page that was named", async () => {
		const downloads = await open();
		for (const reference of ["hf:owner/model:q8_0", `${hub.url}/owner/model/blob/main/model-Q4_K_M.gguf`]) {
			await begin(downloads, reference);
		}
		await expect.poll(() => downloads.list().map(({ state }) => state)).toEqual(["done", "done"]);
		expect(readdirSync(join(folder, "models")).sort()).toEqual([".downloads", "model-Q4_K_M.gguf", "model-Q8_0.gguf"]);
	});

	test("of a split model fetches all parts", async () => {
		const parts = [1, 2, 3].map((part) => modelBytes(50 * KIBIBYTE, part));
		for (const [index, bytes] of parts.entries()) hub.files.set(`Q6_K/big-Q6_K-0000${index + 1}-of-00003.gguf`, bytes);
		const downloads = await open();
		await begin(downloads, "hf:owner/model:Q6_K");
		await ended(downloads);
		expect(downloads.list()).toMatchObject([
			{ state: "done", name: "big-Q6_K-00001-of-00003", total_bytes: 150 * KIBIBYTE },
		]);
		for (const [index, bytes] of parts.entries()) {
			expect(inPlace(`big-Q6_K-0000${index + 1}-of-00003.gguf`).equals(bytes)).toBe(true);
		}
	});

	test("goes on where a connection broke, as often as it takes", async () => {
		hub.manners.breakAfterBytes = 70 * KIBIBYTE;
		const downloads = await open();
		await begin(downloads);
		await ended(downloads);
		expect(inPlace().equals(model)).toBe(true);
		const offsets = hub.askedFiles().map(({ range }) => Number(/\d+/.exec(range ?? "")?.[0] ?? 0));
		expect(offsets.length).toBeGreaterThan(3);
		expect(offsets.every((offset, index) => index === 0 || offset >= (offsets[index - 1] ?? 0))).toBe(true);
	});

	test("that breaks anywhere, again and again, ends byte by byte the same", async () => {
		const breaks = fc.array(fc.integer({ min: 1, max: 200 * KIBIBYTE }), { minLength: 1, maxLength: 6 });
		const downloads = await open();
		await fc.assert(
			fc.asyncProperty(breaks, async (places) => {
				let count = 0;
				Object.defineProperty(hub.manners, "breakAfterBytes", { get: () => places[count++] ?? null });
				const id = await begin(downloads);
				await ended(downloads);
				expect(inPlace().equals(model)).toBe(true);
				await downloads.remove(id);
				rmSync(join(folder, "models", "model-Q4_K_M.gguf"));
			}),
			{ numRuns: 12 },
		);
	});

	test("that was killed between two renames is put in place by the next start", async () => {
		const parts = ["big-00001-of-00002.gguf", "big-00002-of-00002.gguf"];
		for (const [index, name] of parts.entries()) hub.files.set(name, modelBytes(20 * KIBIBYTE, index + 1));
		hub.manners.stallAfterBytes = 0;
		const before = await open();
		const id = await begin(before, "hf:owner/model/big-00001-of-00002.gguf");
		await before.stop();
		const state = join(folder, "models", ".downloads");
		const record = JSON.parse(readFileSync(join(state, `${id}.json`), "utf8"));
		for (const file of record.files) file.digest = file.sha256;
		writeFileSync(join(state, `${id}.json`), JSON.stringify(record));
		writeFileSync(join(state, `${id}-${parts[0]}.part`), "GGUF first");
		rmSync(join(state, `${id}-${parts[1]}.part`), { force: true });
		writeFileSync(join(folder, "models", parts[1] ?? ""), "GGUF second");
		const asked = hub.askedFiles().length;
		const after = await open();
		await reached(after, "done");
		expect(parts.map((name) => inPlace(name).toString())).toEqual(["GGUF first", "GGUF second"]);
		expect(hub.askedFiles()).toHaveLength(asked);
		expect(leftovers()).toEqual([]);
	});

	test("of a server that knows no ranges begins anew, and gives up when that never ends", async () => {
		hub.manners.ignoresRanges = true;
		hub.manners.breakAfterBytes = 70 * KIBIBYTE;
		const downloads = await open({ with: { vainTries: 3 } });
		const id = await begin(downloads);
		await ended(downloads);
		expect(downloads.list()).toMatchObject([{ state: "failed", problem: expect.stringContaining("breaks again") }]);
		hub.manners.breakAfterBytes = null;
		await downloads.resume(id);
		await reached(downloads, "done");
		expect(inPlace().equals(model)).toBe(true);
	});

	test("whose file changes on the way begins anew instead of mixing two versions", async () => {
		const address = `${hub.url}/loose.gguf`;
		hub.files.set("/loose.gguf", modelBytes(200 * KIBIBYTE, 5));
		hub.manners.stallAfterBytes = 100 * KIBIBYTE;
		const downloads = await open();
		const id = await begin(downloads, address);
		await expect.poll(() => downloads.list()[0]?.received_bytes).toBe(100 * KIBIBYTE);
		await downloads.pause(id);
		const newer = modelBytes(220 * KIBIBYTE, 6);
		hub.files.set("/loose.gguf", newer);
		hub.manners.stallAfterBytes = null;
		await downloads.resume(id);
		await reached(downloads, "done");
		expect(inPlace("loose.gguf").equals(newer)).toBe(true);
	});

	test("whose server calls every answer another version never mixes them, and ends", async () => {
		hub.manners.breakAfterBytes = 70 * KIBIBYTE;
		let count = 0;
		Object.defineProperty(hub.manners, "etag", { get: () => `"${count++}"` });
		const downloads = await open({ with: { vainTries: 3 } });
		await begin(downloads);
		await ended(downloads);
		expect(downloads.list()).toMatchObject([{ state: "failed" }]);
		expect(existsSync(join(folder, "models", "model-Q4_K_M.gguf"))).toBe(false);
	});

	test("that is not what the Hub says it is never becomes a model, and is fetched anew", async () => {
		const downloads = await open();
		const right = hub.files.get("model-Q4_K_M.gguf");
		hub.manners.stallAfterBytes = 0;
		const id = await begin(downloads);
		hub.files.set("model-Q4_K_M.gguf", modelBytes(model.byteLength, 99));
		hub.manners.stallAfterBytes = null;
		await downloads.pause(id);
		await downloads.resume(id);
		await ended(downloads);
		expect(downloads.list()).toMatchObject([{ state: "failed", problem: expect.stringContaining("checksum") }]);
		expect(existsSync(join(folder, "models", "model-Q4_K_M.gguf"))).toBe(false);
		if (right !== undefined) hub.files.set("model-Q4_K_M.gguf", right);
		await downloads.resume(id);
		await reached(downloads, "done");
		expect(inPlace().equals(model)).toBe(true);
	});

	test.each([
		["a web page", { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: "<html>" }, "no GGUF"],
		["other bytes", { status: 200, headers: {}, body: "PK\u0003\u0004zip" }, "no GGUF"],
		["a shorter file", { status: 200, headers: { "content-length": "7" }, body: "GGUFxyz" }, "another size"],
		["a refusal", { status: 403, headers: {}, body: "" }, "licence"],
		["nothing", { status: 404, headers: {}, body: "" }, "has nothing there"],
		["no encryption", { status: 302, headers: { location: "http://example.com/a.gguf" }, body: "" }, "encryption"],
		["an endless round", { status: 302, headers: { location: "/again" }, body: "" }, "without end"],
		["an overloaded server", { status: 503, headers: { "retry-after": "0" }, body: "" }, "can't answer now"],
	])("that is answered with %s fails in words", async (_what, instead, words) => {
		hub.manners.instead = instead;
		const downloads = await open({ with: { vainTries: 3 } });
		await begin(downloads);
		await ended(downloads);
		expect(downloads.list()).toMatchObject([{ state: "failed", problem: expect.stringContaining(words) }]);
		expect(readdirSync(join(folder, "models"))).toEqual([".downloads"]);
	});

	test("of an address is refused at its first bytes when it is no model", async () => {
		hub.files.set("/loose.gguf", Buffer.alloc(100 * KIBIBYTE, "x"));
		const downloads = await open();
		await begin(downloads, `${hub.url}/loose.gguf`);
		await ended(downloads);
		expect(downloads.list()).toMatchObject([
			{ state: "failed", received_bytes: 0, problem: expect.stringContaining("no GGUF") },
		]);
	});

	test("from a server that says more than it sends, or falls silent, ends", async () => {
		hub.manners.lieBytes = 10;
		hub.files.set("/loose.gguf", model);
		const downloads = await open({ with: { vainTries: 2, idleMs: 200 } });
		const id = await begin(downloads, `${hub.url}/loose.gguf`);
		await ended(downloads);
		expect(downloads.list()).toMatchObject([{ state: "failed" }]);
		await downloads.remove(id);
		hub.manners.lieBytes = 0;
		hub.manners.stallAfterBytes = 0;
		await begin(downloads);
		await ended(downloads);
		expect(downloads.list()).toMatchObject([{ state: "failed", problem: expect.stringContaining("breaks again") }]);
	});

	test("shows the owner's token to the Hub and to nobody else", async () => {
		await using other = await startHub({});
		const downloads = await open({ hubToken: "secret" });
		await begin(downloads);
		await ended(downloads);
		expect(new Set(hub.asked.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer secret"]));
		expect((await downloads.add(`${other.url}/a.gguf`)).ok, "plain http elsewhere").toBe(false);
		expect(other.asked).toEqual([]);
	});

	test("stops when the disk runs full, and goes on when there is room", async () => {
		let free = 1_000_000;
		hub.manners.breakAfterBytes = 100 * KIBIBYTE;
		const downloads = await open({
			freeBytes: async () => free,
			with: { leastFreeBytes: 500_000 },
		});
		const end = downloads.watch(() => {
			if ((downloads.list()[0]?.received_bytes ?? 0) > 0) free = 400_000;
		});
		const id = await begin(downloads);
		await ended(downloads);
		expect(downloads.list()).toMatchObject([{ state: "failed", problem: expect.stringContaining("too full") }]);
		end();
		free = 1_000_000;
		await downloads.resume(id);
		await reached(downloads, "done");
		expect(inPlace().equals(model)).toBe(true);
	});
});
