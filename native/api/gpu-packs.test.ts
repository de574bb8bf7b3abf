import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type GpuPackList, gpuPackListSchema, gpuPackSchema } from "../contract/contract.ts";
import type { GpuPacks } from "../engine/packs/packs.ts";
import { createTestPacks, goodTarballs, packOf, startRegistry, TEST_VERSION } from "../engine/packs/testing.ts";
import type { TestHub } from "../models/downloads/testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let folder: string;
let registry: TestHub;
let packs: GpuPacks;
let api: TestApi;
beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-api-packs-"));
	const tarballs = goodTarballs();
	registry = await startRegistry(tarballs);
	packs = createTestPacks(folder, registry.url, packOf(tarballs));
	await packs.start();
	api = await startTestApi({ gpuPacks: packs });
});
afterEach(async () => {
	await api.stop();
	await packs.stop();
	await registry[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true });
});

function call(method: string, path = "", token = api.token): Promise<Response> {
	return fetch(`${api.url}/api/gpu-packs${path}`, { method, headers: { authorization: `Bearer ${token}` } });
}

async function list(): Promise<GpuPackList> {
	return gpuPackListSchema.parse(await (await call("GET")).json());
}

/** State of the pack after something was done to it. */
async function act(method: string, path: string): Promise<string> {
	const answered = await call(method, path);
	expect(answered.status).toBe(200);
	return gpuPackSchema.parse(await answered.json()).state.kind;
}

test("a pack is fetched, paused, gone on with, and removed", async () => {
	expect(await list()).toMatchObject({
		data: [{ name: "cuda", state: { kind: "available" } }],
		in_use: { backend: null },
	});
	registry.manners.stallAfterBytes = 1_000;
	expect(await act("POST", "/cuda/fetch")).toBe("downloading");
	expect(await act("POST", "/cuda/pause")).toBe("paused");
	registry.manners.stallAfterBytes = null;
	expect(await act("POST", "/cuda/fetch")).toBe("downloading");
	await expect.poll(async () => (await list()).data[0]?.state).toMatchObject({ kind: "installed", works: true });
	expect(existsSync(join(folder, "gpu-packs", `cuda@${TEST_VERSION}`))).toBe(true);
	expect(await act("DELETE", "/cuda")).toBe("available");
	expect(existsSync(join(folder, "gpu-packs", `cuda@${TEST_VERSION}`))).toBe(false);
});

test("what can't be done is refused with its reason", async () => {
	const refusal = async (method: string, path: string) => {
		const answered = await call(method, path);
		const { error } = (await answered.json()) as { readonly error: { readonly code: string } };
		return [answered.status, error.code];
	};
	expect(await refusal("POST", "/rocm/fetch")).toEqual([404, null]);
	expect(await refusal("POST", "/cuda/pause")).toEqual([409, "wrong_state"]);
	expect(await refusal("POST", "/cuda/cancel")).toEqual([409, "wrong_state"]);
	expect(await refusal("DELETE", "/cuda")).toEqual([409, "wrong_state"]);
	expect((await call("GET", "", "wrong")).status).toBe(401);
});

test("open pages are told of every change", async () => {
	const stop = new AbortController();
	const stream = await fetch(`${api.url}/api/events?topics=all`, {
		headers: { authorization: `Bearer ${api.token}` },
		signal: stop.signal,
	});
	let heard = "";
	const reading = (async () => {
		for await (const piece of stream.body ?? []) heard += Buffer.from(piece).toString();
	})().catch(() => undefined);
	await expect.poll(() => heard).toMatch(/event: gpu-packs\ndata: .*"available"/);
	await act("POST", "/cuda/fetch");
	await expect.poll(() => heard).toMatch(/event: gpu-packs\ndata: .*"installed"/);
	stop.abort();
	await reading;
});
