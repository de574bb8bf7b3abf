import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorEnvelopeSchema, uploadObjectSchema, uploadPartObjectSchema } from "../contract/contract.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
beforeAll(async () => {
	api = await startTestApi({ limits: { partBytes: 2048, repeatedPartBytes: 10, formOverheadBytes: 4096 } });
});
afterAll(() => api.stop());

const wish = { bytes: 10, filename: "a.jsonl", mime_type: "application/jsonl", purpose: "batch" };

function post(path: string, body: unknown = undefined) {
	if (body === undefined) return api.app.request(path, { method: "POST" });
	if (body instanceof FormData) return api.app.request(path, { method: "POST", body });
	const headers = { "content-type": "application/json" };
	return api.app.request(path, { method: "POST", body: JSON.stringify(body), headers });
}

async function begin(change: object = {}) {
	const response = await post("/v1/uploads", { ...wish, ...change });
	expect(response.status).toBe(200);
	return uploadObjectSchema.parse(await response.json());
}

async function addPart(uploadId: string, content: string) {
	const form = new FormData();
	form.set("data", new Blob([content]), "anything");
	return post(`/v1/uploads/${uploadId}/parts`, form);
}

async function partId(uploadId: string, content: string): Promise<string> {
	const part = uploadPartObjectSchema.parse(await (await addPart(uploadId, content)).json());
	expect(part.upload_id).toBe(uploadId);
	return part.id;
}

async function refusal(response: Response) {
	return { status: response.status, ...errorEnvelopeSchema.parse(await response.json()).error };
}

describe("uploads", () => {
	it("make a file of parts in the order named, whatever order they came in", async () => {
		const upload = await begin();
		expect(upload).toMatchObject({ status: "pending", bytes: 10, file: null });
		expect(upload.expires_at - upload.created_at).toBeGreaterThanOrEqual(3599);
		const last = await partId(upload.id, "56789");
		const first = await partId(upload.id, "01234");
		const md5 = createHash("md5").update("0123456789").digest("hex").toUpperCase();
		const completed = await post(`/v1/uploads/${upload.id}/complete`, { part_ids: [first, last], md5 });
		const { status, file } = uploadObjectSchema.parse(await completed.json());
		expect(status).toBe("completed");
		expect(file).toMatchObject({ bytes: 10, filename: "a.jsonl", purpose: "batch" });
		const content = await api.app.request(`/v1/files/${file?.id}/content`);
		expect(await content.text()).toBe("0123456789");
	});

	it("give the same answer to one who completes twice, also at once, and refuse other parts", async () => {
		const upload = await begin();
		const ids = [await partId(upload.id, "0123456789"), await partId(upload.id, "9876543210")];
		const complete = (id: string | undefined) => post(`/v1/uploads/${upload.id}/complete`, { part_ids: [id] });
		const answers = await Promise.all([complete(ids[0]), complete(ids[0])]);
		answers.push(await complete(ids[0]));
		const files = await Promise.all(
			answers.map(async (answer) => uploadObjectSchema.parse(await answer.json()).file?.id),
		);
		expect(new Set(files).size).toBe(1);
		expect(await refusal(await complete(ids[1]))).toMatchObject({ status: 400, code: "upload_not_pending" });
		expect(await refusal(await addPart(upload.id, "x"))).toMatchObject({ status: 400, code: "upload_not_pending" });
		expect(await refusal(await post(`/v1/uploads/${upload.id}/cancel`))).toMatchObject({ status: 400 });
	});

	it("refuse parts that don't make up the whole, and stay open", async () => {
		const upload = await begin();
		const five = await partId(upload.id, "01234");
		const other = await partId((await begin()).id, "56789");
		const complete = async (body: unknown) => refusal(await post(`/v1/uploads/${upload.id}/complete`, body));
		expect(await complete({ part_ids: [five] })).toMatchObject({ param: "part_ids", code: "upload_size_mismatch" });
		expect(await complete({ part_ids: [five, five] })).toMatchObject({ param: "part_ids[1]" });
		expect(await complete({ part_ids: [five, other] })).toMatchObject({ param: "part_ids[1]" });
		expect(await complete({ part_ids: [] })).toMatchObject({ param: "part_ids" });
		expect(await complete({})).toMatchObject({ param: "part_ids", code: "missing_required_parameter" });
		const rest = await partId(upload.id, "56789");
		const wrong = await complete({ part_ids: [five, rest], md5: "0".repeat(32) });
		expect(wrong).toMatchObject({ status: 400, param: "md5" });
		expect((await post(`/v1/uploads/${upload.id}/complete`, { part_ids: [five, rest] })).status).toBe(200);
	});

	it("can be cancelled, and are then closed", async () => {
		const { id } = await begin();
		await partId(id, "01234");
		const cancelled = uploadObjectSchema.parse(await (await post(`/v1/uploads/${id}/cancel`)).json());
		expect(cancelled).toMatchObject({ status: "cancelled", file: null });
		expect(await refusal(await addPart(id, "x"))).toMatchObject({ message: expect.stringContaining("cancelled") });
		expect(await refusal(await post(`/v1/uploads/${id}/complete`, { part_ids: ["p"] }))).toMatchObject({ status: 400 });
	});

	it("refuse a part that is too large, no part, and more bytes than announced", async () => {
		const { id } = await begin();
		const before = api.contentFiles();
		expect(await refusal(await addPart(id, "x".repeat(3000)))).toMatchObject({ status: 413, param: "data" });
		const form = new FormData();
		form.set("file", new Blob(["x"]), "a");
		expect(await refusal(await post(`/v1/uploads/${id}/parts`, form))).toMatchObject({ status: 400, param: "file" });
		expect(api.contentFiles()).toEqual(before);
		await partId(id, "x".repeat(20));
		expect(await refusal(await addPart(id, "y"))).toMatchObject({ status: 400, param: "data" });
	});

	it.each([
		[{ bytes: 0 }, "bytes"],
		[{ bytes: 8 * 1024 ** 3 + 1 }, "bytes"],
		[{ bytes: "10" }, "bytes"],
		[{ filename: "" }, "filename"],
		[{ purpose: "novel" }, "purpose"],
		[{ mime_type: undefined }, "mime_type"],
		[{ expires_after: { anchor: "created_at", seconds: 1 } }, "expires_after.seconds"],
	])("refuse %j", async (change, param) => {
		expect(await refusal(await post("/v1/uploads", { ...wish, ...change }))).toMatchObject({ status: 400, param });
	});

	it("are 404 where there are none", async () => {
		for (const [path, body] of [
			["parts", fileless()],
			["complete", { part_ids: ["p"] }],
			["cancel", undefined],
		] as const) {
			expect(await refusal(await post(`/v1/uploads/none/${path}`, body))).toMatchObject({ status: 404 });
		}
	});
});

function fileless(): FormData {
	const form = new FormData();
	form.set("data", "x");
	return form;
}
