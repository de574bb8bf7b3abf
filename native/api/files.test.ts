import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorEnvelopeSchema, fileListSchema, fileObjectSchema } from "../contract/contract.ts";
import { attachment } from "./file-content.ts";
import { tidyFilename } from "./file-form.ts";
import { fileForm, startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
beforeAll(async () => {
	api = await startTestApi({ limits: { fileBytes: 2048, formOverheadBytes: 4096 } });
});
afterAll(() => api.stop());

function upload(body: FormData) {
	return api.app.request("/v1/files", { method: "POST", body });
}

async function created(content: string, fields?: Record<string, string>) {
	const response = await upload(fileForm(content, fields));
	expect(response.status).toBe(200);
	return fileObjectSchema.parse(await response.json());
}

async function refusal(response: Response) {
	return { status: response.status, ...errorEnvelopeSchema.parse(await response.json()).error };
}

describe("POST /v1/files", () => {
	it("answers with the file, which no clock takes: the ledger knows when a batch's files may go", async () => {
		expect(await created("{}\n")).toMatchObject({
			bytes: 3,
			purpose: "batch",
			filename: "tickets.jsonl",
			status: "processed",
			expires_at: null,
		});
	});

	it("keeps files until they are deleted, unless an expiry is asked for", async () => {
		for (const purpose of ["user_data", "batch"]) {
			expect((await created("x", { purpose })).expires_at).toBeNull();
			const brief = await created("x", {
				"expires_after[anchor]": "created_at",
				"expires_after[seconds]": "3600",
				purpose,
			});
			expect((brief.expires_at ?? 0) - brief.created_at).toBeGreaterThanOrEqual(3599);
		}
	});

	it.each([
		[{}, "purpose", "Missing required parameter"],
		[{ purpose: "novel" }, "purpose", "batch"],
		[{ purpose: "batch_output" }, "purpose", "batch"],
		[{ purpose: "batch", "expires_after[seconds]": "3600" }, "expires_after.anchor", "Missing"],
		[{ purpose: "batch", "expires_after[anchor]": "created_at" }, "expires_after.seconds", "Missing"],
		[
			{ purpose: "batch", "expires_after[anchor]": "now", "expires_after[seconds]": "3600" },
			"expires_after.anchor",
			"created_at",
		],
		[
			{ purpose: "batch", "expires_after[anchor]": "created_at", "expires_after[seconds]": "9" },
			"expires_after.seconds",
			"3600",
		],
		[
			{ purpose: "batch", "expires_after[anchor]": "created_at", "expires_after[seconds]": "1h" },
			"expires_after.seconds",
			"number",
		],
	])("refuses the fields %j and leaves nothing behind", async (fields, param, message) => {
		const before = api.contentFiles();
		const error = await refusal(await upload(fileForm(`unique ${JSON.stringify(fields)}`, fields)));
		expect(error).toMatchObject({ status: 400, param, message: expect.stringContaining(message) });
		expect(api.contentFiles()).toEqual(before);
	});

	it("refuses a file over the limit, announced or not, and leaves nothing behind", async () => {
		const before = api.contentFiles();
		for (const content of ["x".repeat(3000), "x".repeat(30_000)]) {
			const error = await refusal(await upload(fileForm(content)));
			expect(error).toMatchObject({ status: 413, code: "file_too_large", message: expect.stringContaining("2 KiB") });
		}
		expect(api.contentFiles()).toEqual(before);
	});

	it("takes a file of exactly the limit", async () => {
		expect((await created("x".repeat(2048))).bytes).toBe(2048);
	});
});

describe("GET /v1/files", () => {
	it("lists newest first in pages, and by purpose", async () => {
		const ids = [];
		for (const name of ["a", "b", "c"]) ids.push((await created(name, { purpose: "evals" })).id);
		const page = async (query: string) =>
			fileListSchema.parse(await (await api.app.request(`/v1/files?${query}`)).json());
		const first = await page("purpose=evals&limit=2");
		expect(first.data.map((file) => file.id)).toEqual([ids[2], ids[1]]);
		expect(first).toMatchObject({ has_more: true, first_id: ids[2], last_id: ids[1] });
		const second = await page(`purpose=evals&limit=2&after=${first.last_id}`);
		expect(second.data.map((file) => file.id)).toEqual([ids[0]]);
		expect(second.has_more).toBe(false);
		expect((await page("purpose=evals&order=asc")).first_id).toBe(ids[0]);
		expect(await page("purpose=vision")).toMatchObject({ data: [], first_id: null, last_id: null, has_more: false });
	});

	it.each(["limit=0", "limit=10001", "limit=x", "limit=1.5", "order=up", "after="])("refuses ?%s", async (query) => {
		const error = await refusal(await api.app.request(`/v1/files?${query}`));
		expect(error).toMatchObject({ status: 400, param: query.split("=")[0] });
	});
});

describe("/v1/files/{id}", () => {
	it("finds and deletes a file, once", async () => {
		const { id } = await created("to go");
		expect((await api.app.request(`/v1/files/${id}`)).status).toBe(200);
		const deleted = await api.app.request(`/v1/files/${id}`, { method: "DELETE" });
		expect(await deleted.json()).toEqual({ id, object: "file", deleted: true });
		for (const [path, method] of [
			["", "GET"],
			["", "DELETE"],
			["/content", "GET"],
		] as const) {
			const error = await refusal(await api.app.request(`/v1/files/${id}${path}`, { method }));
			expect(error).toMatchObject({ status: 404, message: `No such File object: ${id}` });
		}
	});

	it("finds nothing under ids that are tricks", async () => {
		for (const id of [
			"..%2f..%2fetc%2fpasswd",
			"%2e%2e",
			"..",
			"%00",
			"' OR 1=1 --",
			"a".repeat(5000),
			"%F0%9F%98%80",
		]) {
			for (const path of [`/v1/files/${id}`, `/v1/files/${id}/content`]) {
				expect((await api.app.request(path)).status).toBe(404);
			}
		}
	});
});

describe("GET /v1/files/{id}/content", () => {
	it("sends the bytes with their length, as a download", async () => {
		const { id } = await created("0123456789");
		const response = await api.app.request(`/v1/files/${id}/content`);
		expect(response.headers.get("content-length")).toBe("10");
		expect(response.headers.get("content-disposition")).toContain('filename="tickets.jsonl"');
		expect(await response.text()).toBe("0123456789");
		const head = await api.app.request(`/v1/files/${id}/content`, { method: "HEAD" });
		expect(head.headers.get("content-length")).toBe("10");
		expect(await head.text()).toBe("");
	});

	it("is saved under the name somebody wishes, with the file's own ending, and in no other folder", async () => {
		const { id } = await created("0123456789");
		const saved = async (wish: string) => {
			const response = await api.app.request(`/v1/files/${id}/content?download_as=${encodeURIComponent(wish)}`);
			return response.headers.get("content-disposition");
		};
		expect(await saved("May-results")).toContain('filename="May-results.jsonl"');
		expect(await saved("../../.bashrc")).toContain('filename=".bashrc.jsonl"');
	});

	it("sends an empty file", async () => {
		const { id } = await created("");
		const response = await api.app.request(`/v1/files/${id}/content`);
		expect(response.status).toBe(200);
		expect(response.headers.get("content-length")).toBe("0");
		expect(await response.text()).toBe("");
	});

	it("says that it can't be read, without where it lies, when it is gone from the disk", async () => {
		const before = new Set(api.contentFiles());
		const { id } = await created("soon to be lost");
		for (const path of api.contentFiles()) if (!before.has(path)) rmSync(path);
		const error = await refusal(await api.app.request(`/v1/files/${id}/content`));
		expect(error).toMatchObject({ status: 500, type: "server_error" });
		expect(error.message).not.toMatch(/ENOENT|blobs/);
	});

	it("goes on from the middle for the same content only", async () => {
		const { id } = await created("0123456789");
		const get = (headers: Record<string, string>) => api.app.request(`/v1/files/${id}/content`, { headers });
		const part = await get({ range: "bytes=4-6" });
		expect(part.status).toBe(206);
		expect(part.headers.get("content-range")).toBe("bytes 4-6/10");
		expect(part.headers.get("content-length")).toBe("3");
		expect(await part.text()).toBe("456");
		const tag = part.headers.get("etag") ?? "";
		expect(await (await get({ range: "bytes=8-", "if-range": tag })).text()).toBe("89");
		expect(await (await get({ range: "bytes=8-", "if-range": '"other"' })).text()).toBe("0123456789");
		const outside = await get({ range: "bytes=10-" });
		expect(outside.headers.get("content-range")).toBe("bytes */10");
		expect(await refusal(outside)).toMatchObject({ status: 416 });
	});
});

describe("file names", () => {
	it("are kept without folders and control characters, and never empty", () => {
		expect(tidyFilename("C:\\temp\\a.jsonl")).toBe("a.jsonl");
		expect(tidyFilename("../../etc/passwd")).toBe("passwd");
		expect(tidyFilename("a\r\nb\u0000.jsonl")).toBe("ab.jsonl");
		expect(tidyFilename("😀".repeat(300))).toBe("😀".repeat(255));
		for (const empty of ["", "..", "a/", "\n"]) expect(tidyFilename(empty)).toBe("upload");
	});

	it("can't break out of the header they are sent in", () => {
		expect(attachment('a"\r\nx: y\\.jsonl')).toBe(
			`attachment; filename="a___x: y_.jsonl"; filename*=UTF-8''a%22%0D%0Ax%3A%20y%5C.jsonl`,
		);
		expect(attachment("naïve (1).jsonl")).toContain("filename*=UTF-8''na%C3%AFve%20%281%29.jsonl");
		expect(attachment("\uD800")).toContain("%EF%BF%BD");
	});
});
