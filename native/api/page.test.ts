import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTestApi } from "./testing.ts";

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-page-"));
	mkdirSync(join(folder, "page", "assets"), { recursive: true });
	writeFileSync(join(folder, "page", "index.html"), "<!doctype html><title>Nightshift</title>");
	writeFileSync(join(folder, "page", "assets", "main-1a2b.js"), "export {};");
	writeFileSync(join(folder, "secret.txt"), "not for pages");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the page is served to whoever asks, under a policy that allows nothing inline and nobody else's", async () => {
	await using api = await startTestApi({ pageDir: join(folder, "page") });
	const answer = await fetch(`${api.url}/`);
	expect(answer.status).toBe(200);
	expect(await answer.text()).toContain("<title>Nightshift</title>");
	const policy = answer.headers.get("content-security-policy") ?? "";
	expect(policy).toContain("script-src 'self'");
	expect(policy).toContain("frame-ancestors 'none'");
	expect(policy).not.toContain("unsafe");
	expect(answer.headers.get("cache-control")).toBe("no-cache");
	expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test("files named by their content may be kept for ever", async () => {
	await using api = await startTestApi({ pageDir: join(folder, "page") });
	const answer = await fetch(`${api.url}/assets/main-1a2b.js`);
	expect(answer.headers.get("content-type")).toMatch(/^text\/javascript/);
	expect(answer.headers.get("cache-control")).toContain("immutable");
});

test.each(["/assets/none.js", "/assets/..%2f..%2fsecret.txt", "/assets/../../secret.txt", "/secret.txt"])(
	"%s is nothing the page has",
	async (path) => {
		await using api = await startTestApi({ pageDir: join(folder, "page") });
		const answer = await fetch(`${api.url}${path}`);
		expect(answer.status).toBe(404);
		expect(await answer.text()).not.toContain("not for pages");
		expect(answer.headers.get("cache-control")).toBe("no-store");
	},
);

test("where it was not built, that is said, and how to build it", async () => {
	await using api = await startTestApi({ pageDir: join(folder, "nowhere") });
	const answer = await fetch(`${api.url}/`);
	expect(answer.status).toBe(404);
	expect(await answer.json()).toMatchObject({
		error: { code: "page_not_built", message: expect.stringContaining("npm run build") },
	});
});
