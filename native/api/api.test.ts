import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../base/base.ts";
import { errorEnvelopeSchema, modelListSchema, statusSchema } from "../contract/contract.ts";
import { LedgerWriteError } from "../ledger/errors.ts";
import { sampleManifest } from "../ledger/testing/manifest.ts";
import { isLoopbackHost } from "./guard.ts";
import { createClerk, startTestApi, type TestApi } from "./testing.ts";

const models = {
	list: () => [
		{ name: "demo", createdAtMs: 1_999 },
		{ name: "org/model", createdAtMs: 0 },
	],
};
const errors: object[] = [];
const log = { ...silentLog, error: (fields: object) => void errors.push(fields) };

let api: TestApi;
beforeAll(async () => {
	api = await startTestApi({ models, log, limits: { jsonBytes: 1024 } });
});
afterAll(() => api.stop());

/** The error in an answer, and that it is one by the contract. */
async function errorOf(response: Response) {
	expect(response.headers.get("content-type")).toContain("application/json");
	expect(response.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
	return { status: response.status, ...errorEnvelopeSchema.parse(await response.json()).error };
}

function post(path: string, body: string | ReadableStream, headers: Record<string, string> = {}) {
	const allHeaders = { "content-type": "application/json", ...headers };
	return api.app.request(path, { method: "POST", body, headers: allHeaders, duplex: "half" });
}

describe("every answer", () => {
	it("has its own request id and headers that keep other sites out", async () => {
		const first = await api.app.request("/v1/models");
		const second = await api.app.request("/v1/nothing");
		expect(first.headers.get("x-request-id")).not.toBe(second.headers.get("x-request-id"));
		for (const { headers } of [first, second]) {
			expect(headers.get("x-content-type-options")).toBe("nosniff");
			expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
			expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
			expect(headers.get("access-control-allow-origin")).toBeNull();
		}
	});

	it("is the error envelope for what isn't there", async () => {
		for (const path of [
			"/",
			"/v1",
			"/v1/chat/nothing",
			"/v1/files/a/b/c",
			"/v1/models/none",
			"/%zz",
			"/v1/files/%00",
		]) {
			expect(await errorOf(await api.app.request(path))).toMatchObject({ status: 404, type: "invalid_request_error" });
		}
	});

	it("is the error envelope for a method a route doesn't have, with those it has", async () => {
		const response = await api.app.request("/v1/files", { method: "PUT" });
		expect(response.headers.get("allow")).toContain("GET");
		expect(response.headers.get("allow")).toContain("POST");
		expect(await errorOf(response)).toMatchObject({ status: 405, code: "method_not_allowed" });
	});

	it("tells nothing of the inside when something breaks, and the log everything", async () => {
		const broken = await startTestApi({
			log,
			jobs: (ledger) => ({
				...createClerk(ledger),
				cancel: () => Promise.reject(new Error("secret at /some/path")),
			}),
		});
		const { batch } = await broken.ledger.createBatch(sampleManifest(), null);
		const response = await broken.app.request(`/v1/batches/${batch.id}/cancel`, { method: "POST" });
		const error = await errorOf(response);
		expect(error).toMatchObject({ status: 500, type: "server_error" });
		expect(JSON.stringify(error)).not.toContain("secret");
		const requestId = response.headers.get("x-request-id");
		expect(errors).toContainEqual(expect.objectContaining({ requestId, error: expect.any(Error) }));
		await broken.stop();
	});
});

describe("a full disk", () => {
	it("is said to be the reason, and that trying again is in vain", async () => {
		const full = new LedgerWriteError("disk-full", "no room at /some/path");
		await using broken = await startTestApi({
			jobs: (ledger) => ({ ...createClerk(ledger), cancel: () => Promise.reject(full) }),
		});
		const { batch } = await broken.ledger.createBatch(sampleManifest(), null);
		const response = await broken.app.request(`/v1/batches/${batch.id}/cancel`, { method: "POST" });
		expect(response.headers.get("x-should-retry")).toBe("false");
		const error = await errorOf(response);
		expect(error).toMatchObject({ status: 507, type: "server_error", code: "disk_full" });
		expect(error.message).not.toContain("/some/path");
	});
});

describe("the guard", () => {
	it("knows the names of this machine", () => {
		for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:22007", "127.1.2.3", "[::1]", "[::1]:80"]) {
			expect(isLoopbackHost(host)).toBe(true);
		}
		for (const host of [
			"",
			"evil.com",
			"localhost.evil.com",
			"127.0.0.1.evil.com",
			"10.0.0.1",
			"localhost@evil.com:80",
			"::1",
		]) {
			expect(isLoopbackHost(host)).toBe(false);
		}
	});

	it("refuses a foreign name in the Host header or the request line, even to read", async () => {
		for (const request of [
			new Request("http://evil.example/v1/models"),
			new Request("http://localhost/v1/models", { headers: { host: "evil.example" } }),
		]) {
			expect(await errorOf(await api.app.request(request))).toMatchObject({ status: 403, code: "host_not_allowed" });
		}
	});

	it("refuses changes by pages of other origins, also of other ports and of no origin", async () => {
		for (const origin of ["https://evil.example", "http://localhost:3000", "null"]) {
			const response = await post("/v1/batches", "{}", { origin });
			expect(await errorOf(response)).toMatchObject({
				status: 403,
				code: "origin_not_allowed",
				type: "permission_error",
			});
			const preflight = await api.app.request("/v1/batches", { method: "OPTIONS", headers: { origin } });
			expect(preflight.status).toBe(403);
		}
	});

	it("lets pages of this server change things, and any page try to read what it can't see", async () => {
		const own = await post("http://127.0.0.1:1/v1/batches", "{}", { origin: "http://127.0.0.1:1" });
		expect(own.status).toBe(400);
		const foreign = await api.app.request("/v1/models", { headers: { origin: "https://evil.example" } });
		expect(foreign.status).toBe(200);
	});
});

describe("a JSON body", () => {
	it.each([
		["", "empty"],
		["   ", "empty"],
		["{", "not valid JSON"],
		['{"a":1}}', "not valid JSON"],
		["\uFFFE", "not valid JSON"],
	])("%j is refused with what is wrong", async (body, message) => {
		const error = await errorOf(await post("/v1/batches", body));
		expect(error).toMatchObject({ status: 400, code: "invalid_json", message: expect.stringContaining(message) });
	});

	it("that isn't UTF-8 is refused", async () => {
		const body = new ReadableStream({
			start(controller) {
				controller.enqueue(Uint8Array.of(0x7b, 0xff, 0x7d));
				controller.close();
			},
		});
		expect(await errorOf(await post("/v1/batches", body))).toMatchObject({ message: expect.stringContaining("UTF-8") });
	});

	it.each(["[]", "null", "1", '"text"'])("%s is refused for not being an object", async (body) => {
		expect(await errorOf(await post("/v1/batches", body))).toMatchObject({ status: 400, param: null });
	});

	it("is refused while it streams once it is too large, without reading on", async () => {
		let pulled = 0;
		const body = new ReadableStream<Uint8Array>({
			pull(controller) {
				pulled += 1;
				controller.enqueue(Buffer.alloc(512, " "));
			},
		});
		const error = await errorOf(await post("/v1/batches", body));
		expect(error).toMatchObject({ status: 413, code: "body_too_large", message: expect.stringContaining("1 KiB") });
		expect(pulled).toBeLessThan(10);
	});

	it("may begin with a BOM, and be called any kind of JSON or nothing at all", async () => {
		for (const type of ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"]) {
			const error = await errorOf(await post("/v1/batches", "\uFEFF{}", { "content-type": type }));
			expect(error).toMatchObject({ param: "input_file_id", code: "missing_required_parameter" });
		}
		const untyped = await api.app.request("/v1/batches", { method: "POST", body: Buffer.from("{}") });
		expect(await errorOf(untyped)).toMatchObject({ code: "missing_required_parameter" });
	});

	it("is refused under a type that pages of any site may send, with what to do", async () => {
		for (const type of ["text/plain", "TEXT/PLAIN;charset=utf-8", "application/x-www-form-urlencoded"]) {
			const error = await errorOf(await post("/v1/batches", "{}", { "content-type": type }));
			expect(error).toMatchObject({ status: 415, code: "unsupported_media_type" });
			expect(error.message).toContain("-H 'Content-Type: application/json'");
		}
	});
});

describe("/v1/models", () => {
	it("lists the models", async () => {
		const list = modelListSchema.parse(await (await api.app.request("/v1/models")).json());
		expect(list.data).toEqual([
			{ id: "demo", object: "model", created: 1, owned_by: "nightshift" },
			{ id: "org/model", object: "model", created: 0, owned_by: "nightshift" },
		]);
	});

	it("finds one by its id, slashes encoded or not", async () => {
		for (const path of ["/v1/models/demo", "/v1/models/org%2Fmodel", "/v1/models/org/model"]) {
			expect((await api.app.request(path)).status).toBe(200);
		}
		const error = await errorOf(await api.app.request("/v1/models/none"));
		expect(error).toMatchObject({ status: 404, param: "model", code: "model_not_found" });
	});
});

describe("/api/status", () => {
	it("says who answers", async () => {
		const headers = { authorization: `Bearer ${api.token}` };
		const status = statusSchema.parse(await (await api.app.request("/api/status", { headers })).json());
		expect(status).toMatchObject({ version: "0.0.0-test", pid: process.pid });
	});
});
