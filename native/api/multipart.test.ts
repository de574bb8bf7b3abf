import { array, assert, asyncProperty, constantFrom, integer, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { ok, type Result } from "../base/base.ts";
import type { StoredBytes, StoreFailure } from "../ledger/ledger.ts";
import type { ApiFault } from "./errors.ts";
import { apiLimits } from "./limits.ts";
import { type FormFields, type FormSpec, type ReadForm, readForm } from "./multipart.ts";

const boundary = "b0undary";

/** A part of a form as it stands on the wire. */
function part(headers: string, content: string): string {
	return `--${boundary}\r\nContent-Disposition: form-data; ${headers}\r\n\r\n${content}\r\n`;
}

const file = part('name="file"; filename="a.jsonl"\r\nContent-Type: application/octet-stream', "line 1\nline 2\n");
const purpose = part('name="purpose"', "batch");
const end = `--${boundary}--\r\n`;

/** A request whose body comes in pieces of `pieceBytes`. */
function request(body: string | Uint8Array, pieceBytes = 7, contentType = `multipart/form-data; boundary=${boundary}`) {
	const bytes = Buffer.from(body);
	let position = 0;
	const stream = new ReadableStream<Uint8Array>({
		pull(controller) {
			if (position >= bytes.length) controller.close();
			else controller.enqueue(bytes.subarray(position, position + pieceBytes));
			position += pieceBytes;
		},
	});
	return new Request("http://localhost/v1/files", {
		method: "POST",
		body: stream,
		duplex: "half",
		headers: { "content-type": contentType },
	});
}

/** A store in memory that keeps what it was given only if the giving ended well. */
function createStore(failure?: StoreFailure) {
	const kept: string[] = [];
	const store = async (bytes: AsyncIterable<Uint8Array>): Promise<Result<StoredBytes, StoreFailure>> => {
		const pieces: Uint8Array[] = [];
		for await (const piece of bytes) {
			if (failure !== undefined) return { ok: false, error: failure };
			pieces.push(Buffer.from(piece));
		}
		const whole = Buffer.concat(pieces);
		kept.push(whole.toString());
		return ok({ sizeBytes: whole.length, digest: "", blobs: [] });
	};
	return { kept, store };
}

function read(
	subject: Request,
	store: FormSpec<FormFields>["store"] = createStore().store,
	limits = apiLimits,
): Promise<Result<ReadForm<FormFields>, ApiFault>> {
	return readForm(subject, { fileField: "file", fileLimitBytes: 1000, check: ok, store }, limits);
}

async function faultOf(body: string, contentType?: string): Promise<ApiFault> {
	const { kept, store } = createStore();
	const form = await read(request(body, 7, contentType), store);
	expect(kept).toEqual([]);
	if (form.ok) throw new Error("The form was taken");
	return form.error;
}

describe("readForm", () => {
	it.each([
		["the file first", file + purpose + end],
		["the file last", purpose + file + end],
		["a preamble and an epilogue", `preamble\r\n${file}${purpose}${end}epilogue`],
		["no line end after the last boundary", `${file}${purpose}--${boundary}--`],
	])("reads a form with %s", async (_name, body) => {
		const { kept, store } = createStore();
		const form = await read(request(body), store);
		if (!form.ok) throw new Error(form.error.message);
		expect(form.value.filename).toBe("a.jsonl");
		expect(form.value.fields.get("purpose")).toBe("batch");
		expect(kept).toEqual(["line 1\nline 2\n"]);
	});

	it("takes a file whose part has neither a file name nor a type", async () => {
		const { kept, store } = createStore();
		const form = await read(request(part('name="file"', "x") + end), store);
		expect(form.ok && form.value.filename).toBe("");
		expect(kept).toEqual(["x"]);
	});

	it("takes an empty file", async () => {
		const { kept, store } = createStore();
		const form = await read(request(part('name="file"; filename="a"', "") + purpose + end), store);
		expect(form.ok).toBe(true);
		expect(kept).toEqual([""]);
	});

	it("keeps only the last part of a file name that is a path", async () => {
		const form = await read(request(part('name="file"; filename="../../etc/passwd"', "x") + end));
		expect(form.ok && form.value.filename).toBe("passwd");
	});

	it("says what is wrong with a form that can't be taken, and keeps nothing of it", async () => {
		expect(await faultOf(end)).toMatchObject({ status: 400, param: "file", code: "missing_file" });
		expect(await faultOf("")).toMatchObject({ status: 400, code: "body_incomplete" });
		expect(await faultOf(purpose + end)).toMatchObject({ status: 400, param: "file", code: "missing_file" });
		expect(await faultOf(file + file + end)).toMatchObject({ message: expect.stringContaining("more than one file") });
		expect(await faultOf(file + purpose + purpose + end)).toMatchObject({ param: "purpose" });
		expect(await faultOf(file.replace('"file"', '"data"') + end)).toMatchObject({ param: "data" });
		expect(await faultOf(part('name="x"', "y".repeat(20_000)) + file + end)).toMatchObject({ param: "x" });
		expect(await faultOf(part('name="x"', "y").repeat(1) + purpose.repeat(40) + file + end)).toMatchObject({
			status: 400,
		});
	});

	it("refuses a form of too many parts", async () => {
		const fields = Array.from({ length: 40 }, (_, index) => part(`name="f${index}"`, "")).join("");
		expect(await faultOf(fields + file + end)).toMatchObject({
			message: expect.stringContaining("more than 32 parts"),
		});
	});

	it("refuses a form that ends anywhere before its last boundary", async () => {
		const body = file + purpose + end;
		for (let length = 1; length < body.length - 4; length++) {
			expect(await faultOf(body.slice(0, length))).toMatchObject({ status: 400, code: "body_incomplete" });
		}
	});

	it("refuses bodies that are no forms, and forms without a boundary", async () => {
		for (const contentType of [
			"application/json",
			"text/plain",
			"multipart/form-data",
			"multipart/mixed; boundary=x",
		]) {
			expect(await faultOf(file + end, contentType)).toMatchObject({ status: 400, code: "invalid_form" });
		}
	});

	it("passes on what the store or the check of the fields says", async () => {
		const full = await read(request(file + end), createStore({ kind: "disk-full", message: "" }).store);
		expect(full).toMatchObject({ error: { status: 507, code: "disk_full" } });
		const large = await read(request(file + end), createStore({ kind: "too-large", limitBytes: 1024 }).store);
		expect(large).toMatchObject({ error: { status: 413, message: expect.stringContaining("1 KiB") } });
		const { kept, store } = createStore();
		const fault = { status: 400, message: "no", param: "purpose", code: null } as const;
		const spec = { fileField: "file", fileLimitBytes: 10, check: () => ({ ok: false, error: fault }) as const, store };
		expect(await readForm(request(purpose + file + end), spec, apiLimits)).toEqual({ ok: false, error: fault });
		expect(kept).toEqual([]);
	});

	it("gives up on a body that falls silent", async () => {
		const { kept, store } = createStore();
		const silent = new Request("http://localhost/", {
			method: "POST",
			body: new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from(file)) }),
			duplex: "half",
			headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
		});
		const form = await read(silent, store, { ...apiLimits, bodyIdleMs: 20 });
		expect(form).toMatchObject({ error: { status: 408, code: "body_timeout" } });
		expect(kept).toEqual([]);
	});

	it("brings an error of the store to light", async () => {
		const broken = () => Promise.reject(new Error("the ledger is closed"));
		await expect(read(request(file + end), broken)).rejects.toThrow("the ledger is closed");
	});

	it("keeps the bytes of any file, however the body is cut into pieces", async () => {
		await assert(
			asyncProperty(uint8Array({ maxLength: 300 }), integer({ min: 1, max: 60 }), async (content, pieceBytes) => {
				const body = Buffer.concat([
					Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n`),
					content,
					Buffer.from(`\r\n${purpose}${end}`),
				]);
				const pieces: Uint8Array[] = [];
				const form = await read(request(body, pieceBytes), async (bytes) => {
					for await (const piece of bytes) pieces.push(Buffer.from(piece));
					return ok({ sizeBytes: 0, digest: "", blobs: [] });
				});
				expect(form.ok).toBe(true);
				expect(Buffer.concat(pieces)).toEqual(Buffer.from(content));
			}),
			{ numRuns: 200 },
		);
	});

	it("comes to an end with any scramble of the pieces of a form", async () => {
		const scraps = [
			file,
			purpose,
			end,
			`--${boundary}`,
			"\r\n",
			"--",
			"\n",
			'Content-Disposition: form-data; name="file"',
		];
		await assert(
			asyncProperty(
				array(constantFrom(...scraps, "\r\n\r\n", "x", part("", ""), ":"), { maxLength: 8 }),
				integer({ min: 1, max: 40 }),
				async (pieces, pieceBytes) => {
					const { kept, store } = createStore();
					const form = await read(request(pieces.join(""), pieceBytes), store);
					expect(kept).toHaveLength(form.ok ? 1 : 0);
				},
			),
			{ numRuns: 1000 },
		);
	});
});
