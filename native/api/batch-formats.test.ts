import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BatchRecord, FinishedLine } from "../ledger/ledger.ts";
import { sampleManifest } from "../ledger/testing/manifest.ts";
import { createBatchFormats } from "./batch-formats.ts";
import { answerTo, makeBatch } from "./batch-testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
beforeAll(async () => {
	api = await startTestApi();
});
afterAll(() => api.stop());

const template = { prompt: "Translate: {{text}}", system: null, max_tokens: null, temperature: 0 };

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
	yield Buffer.from(text);
}

async function makeTable(): Promise<BatchRecord> {
	const stored = await api.ledger.storeBytes(pieces("text,language\nHallo,de\n"), 1_000);
	if (!stored.ok) throw new Error(stored.error.kind);
	const file = await api.ledger.createFile({ filename: "a.csv", purpose: "batch", expiresAtMs: null }, stored.value);
	const manifest = sampleManifest({ inputFileId: file.id, format: "csv", template });
	return (await api.ledger.createBatch(manifest, null)).batch;
}

function finished(): FinishedLine {
	const { isError, payload, provenance } = answerTo(0);
	return { line: 0, customId: "row-1", key: Buffer.alloc(16), result: { isError, payload, provenance } };
}

describe("the formats of batches", () => {
	it("know a table's columns, and tell its answers as OpenAI's", async () => {
		const format = await createBatchFormats(api.ledger).of(await makeTable());
		expect(format.request(Buffer.from("Hallo,de")).body).toMatchObject({
			messages: [{ role: "user", content: "Translate: Hallo" }],
		});
		expect(format.result(finished(), null)).toMatchObject({ custom_id: "row-1", response: { status_code: 200 } });
	});

	it("tell a table's answers also once the table is deleted", async () => {
		const batch = await makeTable();
		const there = await createBatchFormats(api.ledger).of(batch);
		await api.ledger.deleteFile(batch.manifest.inputFileId);
		const gone = await createBatchFormats(api.ledger).of(batch);
		expect(gone.result(finished(), null)).toEqual(there.result(finished(), null));
		expect(gone.text(finished())).toBe("Answer 0");
		expect(gone.request(Buffer.from("Hallo,de")).body).toEqual({});
	});

	it("are opened once, and forgotten when many others were needed since", async () => {
		const formats = createBatchFormats(api.ledger);
		const batch = await makeBatch(api.ledger);
		const first = await formats.of(batch);
		expect(await formats.of(batch)).toBe(first);
		for (let other = 0; other < 32; other++) await formats.of({ ...batch, id: `batch_${other}` });
		expect(await formats.of(batch)).not.toBe(first);
	});
});
