import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../base/base.ts";
import { makeEndedBatch } from "./batch-testing.ts";
import { startServer } from "./server.ts";
import { startTestApi, type TestApi } from "./testing.ts";

/** More than the sockets of both sides hold, so that a client that goes has not got it all. */
const LARGE_BYTES = 48 * 1024 * 1024;

let api: TestApi;
beforeAll(async () => {
	api = await startTestApi();
});
afterAll(() => api.stop());

const collectedAt = (id: string) => api.ledger.batch(id)?.collectedAtMs ?? null;

/** Resolves once the batch counts as collected. */
function collected(id: string): Promise<void> {
	return new Promise((resolve) => {
		const stop = api.ledger.watch(() => {
			if (collectedAt(id) === null) return;
			stop();
			resolve();
		});
	});
}

/** Downloads over a socket of its own server, which is stopped, hence done with the request, when this resolves. */
async function download(fileId: string, headers: Record<string, string>, isAborted: boolean): Promise<number> {
	const server = await startServer(api.app, { port: 0, host: "127.0.0.1", log: silentLog });
	let sizeBytes = 0;
	await new Promise<void>((resolve) => {
		const asking = get(`${server.url}/v1/files/${fileId}/content`, { headers, agent: false }, (response) => {
			response.on("data", (chunk: Buffer) => {
				sizeBytes += chunk.byteLength;
				if (isAborted) asking.destroy();
			});
			response.once("close", resolve);
		});
		// What a request that was destroyed says of itself.
		asking.on("error", () => {});
	});
	await server.stop();
	return sizeBytes;
}

describe("the files of a batch", () => {
	it("count as collected once the output was sent to its end", async () => {
		const { id, outputFileId } = await makeEndedBatch(api.ledger, { failed: [1] });
		const done = collected(id);
		const answer = await api.client.files.content(outputFileId ?? "");
		expect(await answer.text()).toBe("output\n");
		await done;
		const first = collectedAt(id);
		await download(outputFileId ?? "", {}, false);
		expect(collectedAt(id)).toBe(first);
	});

	it("count as collected by their errors only where nothing was answered", async () => {
		const mixed = await makeEndedBatch(api.ledger, { failed: [1] });
		await download(mixed.errorFileId ?? "", {}, false);
		expect(collectedAt(mixed.id)).toBeNull();
		const failed = await makeEndedBatch(api.ledger, { failed: [0, 1, 2] });
		await download(failed.errorFileId ?? "", {}, false);
		expect(collectedAt(failed.id)).not.toBeNull();
	});

	it("are not collected by a client that goes away in the middle, by a part, by HEAD, or by reading the input", async () => {
		const batch = await makeEndedBatch(api.ledger, { output: "x".repeat(LARGE_BYTES) });
		const output = batch.outputFileId ?? "";
		expect(await download(output, {}, true)).toBeLessThan(LARGE_BYTES);
		expect(await download(output, { range: "bytes=1-" }, false)).toBe(LARGE_BYTES - 1);
		await api.app.request(`/v1/files/${output}/content`, { method: "HEAD" });
		await download(batch.manifest.inputFileId, {}, false);
		expect(collectedAt(batch.id)).toBeNull();
		// The whole of it as one range is all of it.
		expect(await download(output, { range: "bytes=0-" }, false)).toBe(LARGE_BYTES);
		expect(collectedAt(batch.id)).not.toBeNull();
	});

	it("tell how fresh they are, other files nothing", async () => {
		const effectiveUntilMs = Date.now() - 1;
		const batch = await makeEndedBatch(api.ledger, { failed: [1], manifest: { effectiveUntilMs } });
		for (const fileId of [batch.outputFileId, batch.errorFileId]) {
			const { headers } = await api.app.request(`/v1/files/${fileId}/content`);
			expect(headers.get("x-nightshift-batch")).toBe(batch.id);
			expect(headers.get("x-nightshift-produced-at")).toBe(new Date(batch.completedAtMs ?? 0).toISOString());
			expect(headers.get("x-nightshift-effective-until")).toBe(new Date(effectiveUntilMs).toISOString());
			expect(headers.get("x-nightshift-stale")).toBe("true");
		}
		const input = await api.app.request(`/v1/files/${batch.manifest.inputFileId}/content`);
		expect(input.headers.get("x-nightshift-batch")).toBeNull();
	});

	it("may be read by allowed pages with what they tell", async () => {
		const { outputFileId } = await makeEndedBatch(api.ledger);
		const origin = "https://page.example";
		await api.settings.update({ endpoint: { allowedOrigins: [origin] } });
		const answer = await api.app.request(`/v1/files/${outputFileId}/content`, { headers: { origin } });
		expect(answer.headers.get("access-control-expose-headers")).toContain("x-nightshift-stale");
	});
});
