import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dialects } from "../engine/dialects/dialect.ts";
import { refusal } from "../engine/dialects/failures.ts";
import type { BatchRecord, Ledger, Seal } from "../ledger/ledger.ts";
import { bytesOf } from "../ledger/testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "../ledger/testing/sqlite.ts";
import { type AcceptWish, acceptFile, type ModelShelf, openShelf, stubResidency, templateOf } from "./file-testing.ts";
import { buildSeal } from "./finish.ts";
import { sampleResult } from "./testing.ts";
import { answerPayload } from "./work/payload.ts";

let under: SqliteUnderTest;
let shelf: ModelShelf;
beforeEach(async () => {
	under = await sqliteUnderTest();
	shelf = openShelf(["small"], { default: "small" });
});
afterEach(async () => {
	shelf[Symbol.dispose]();
	await under.dispose();
});

const accept = (text: string, wish: AcceptWish = {}) =>
	acceptFile({ ledger: under.ledger, models: shelf.models, residency: stubResidency() }, text, wish);

const user = (content: string) => [{ role: "user", content }];
const chatAnswer = { choices: [{ index: 0, message: { role: "assistant", content: "Hello" } }] };

/** Records an answer or, with a status of 400 and above, a refusal. */
async function answer(
	{ id, model }: BatchRecord,
	line: number,
	statusCode = 200,
	body: object = chatAnswer,
): Promise<void> {
	const payload = answerPayload(statusCode, new Uint8Array(16).fill(line), body);
	const provenance = { ...sampleResult(line).provenance, modelDigest: model?.digest ?? "" };
	await under.ledger.commit(id, [{ line, isError: statusCode >= 400, payload, provenance }]);
}

const refused = dialects["/v1/chat/completions"].renderFault(refusal({ message: "No.", param: null, code: null }));

async function read(
	ledger: Ledger,
	id: string | null,
): Promise<{ readonly name: string; readonly text: string } | null> {
	const file = id === null ? null : ledger.file(id);
	return file === null ? null : { name: file.filename, text: (await bytesOf(ledger.readFile(file))).toString() };
}

/** Both files of a batch that ended. */
async function filesOf(batch: BatchRecord) {
	return { output: await read(under.ledger, batch.outputFileId), errors: await read(under.ledger, batch.errorFileId) };
}

const csv = { filename: "tickets.csv", options: { template: templateOf("Classify: {{text}}") } };

describe("the files of a batch", () => {
	test("hold each line where it belongs, in input order", async () => {
		const line = (id: string) =>
			JSON.stringify({ custom_id: id, params: { model: "x", max_tokens: 1, messages: user(id) } });
		const batch = await accept(`${line("a")}\n${line("b")}\n${line("c")}\n`);
		const message = { type: "message", content: [{ type: "text", text: "Hello" }] };
		await answer(batch, 2, 200, message);
		await answer(batch, 0, 200, message);
		await answer(batch, 1, 400, { type: "error", error: { type: "invalid_request_error", message: "No." } });
		const ended = await finishBatch(under.ledger, batch.id);
		expect(ended.status).toBe("completed");
		const { output, errors } = await filesOf(ended);
		expect(output?.name).toBe(`${batch.id}_output.jsonl`);
		expect(
			output?.text
				.trimEnd()
				.split("\n")
				.map((one) => JSON.parse(one).custom_id),
		).toEqual(["a", "c"]);
		expect(
			errors?.text
				.trimEnd()
				.split("\n")
				.map((one) => JSON.parse(one)),
		).toMatchObject([{ custom_id: "b", result: { type: "errored" }, params: { messages: user("b") } }]);
	});

	test("of a table are tables: one with all rows, one with the failed", async () => {
		const batch = await accept('id,text\n1,"a, b"\n2,c\n3,"d\ne"\n', csv);
		await answer(batch, 0);
		await answer(batch, 1, 400, refused);
		await answer(batch, 2);
		const { output, errors } = await filesOf(await finishBatch(under.ledger, batch.id));
		expect(output?.name).toBe(`${batch.id}_output.csv`);
		expect(parse(output?.text ?? "")).toEqual([
			["id", "text", "answer", "error"],
			["1", "a, b", "Hello", ""],
			["2", "c", "", "No."],
			["3", "d\ne", "Hello", ""],
		]);
		expect(errors?.name).toBe(`${batch.id}_error.csv`);
		expect(errors?.text).toBe("id,text,error\n2,c,No.\n");
		// What comes back runs what had failed, and nothing else.
		const again = await accept(errors?.text ?? "", csv);
		expect(again).toMatchObject({ status: "in_progress", total: 1, adopted: 0 });
	});

	test("of a table are there though its file was deleted meanwhile", async () => {
		const batch = await accept("id,text\n1,a\n", csv);
		await under.ledger.deleteFile(batch.manifest.inputFileId);
		await answer(batch, 0);
		const { output } = await filesOf(await finishBatch(under.ledger, batch.id));
		expect(output?.text).toBe("id,text,answer,error\n1,a,Hello,\n");
	});

	test("are not there where they would say nothing, a header being nothing", async () => {
		const batch = await accept("id,text\n1,a\n", csv);
		await answer(batch, 0);
		expect(await filesOf(await finishBatch(under.ledger, batch.id))).toMatchObject({ errors: null });
		const lines = await accept(`${JSON.stringify({ messages: user("x") })}\n`);
		await answer(lines, 0, 400, refused);
		expect(await filesOf(await finishBatch(under.ledger, lines.id))).toMatchObject({ output: null });
	});

	test.each([
		["expired", "batch_expired"],
		["cancelled", "batch_cancelled"],
		["failed", "batch_failed"],
	] as const)("of one that %s say of the rest why it never ran", async (status, code) => {
		const line = (content: string) => `${JSON.stringify({ messages: user(content) })}\n`;
		const batch = await accept(line("a") + line("b"));
		await answer(batch, 0);
		if (status === "failed") {
			await under.ledger.giveUp(batch.id, { code: "too_many_failures", message: "No.", param: null, line: null });
		}
		const ended = await finishBatch(under.ledger, batch.id, status);
		expect(ended.status).toBe(status);
		const { output, errors } = await filesOf(ended);
		expect(JSON.parse(output?.text ?? "")).toMatchObject({ custom_id: "line-1" });
		expect(JSON.parse(errors?.text ?? "")).toMatchObject({ custom_id: "line-2", error: { code }, messages: user("b") });
	});

	test("are not written while it is not known where all lines lie, lest the file lack some", async () => {
		const batch = await accept(`${JSON.stringify({ messages: user("x") })}\n`);
		await answer(batch, 0);
		await under.ledger.rebuild();
		await expect(buildSeal(under.ledger, batch.id, "completed")).rejects.toThrow("of its 1 lines 0 are known here");
	});

	test("are none of a batch that was cancelled before it was checked, whatever its file", async () => {
		const { manifest } = await accept("id,text\n1,a\n", csv);
		const { batch } = await under.ledger.createBatch({ ...manifest, inputFileId: "file-none" }, null);
		await under.ledger.cancel(batch.id);
		const ended = await finishBatch(under.ledger, batch.id, "cancelled");
		expect(ended).toMatchObject({ status: "cancelled", outputFileId: null, errorFileId: null });
	});

	test("are the same bytes when they are made twice", async () => {
		const digests = [];
		for (const _ of [1, 2]) {
			const batch = await accept("id,text\n1,a\n2,b\n", csv);
			for (const line of [0, 1]) await answer(batch, line);
			const ended = await finishBatch(under.ledger, batch.id);
			digests.push(under.ledger.file(ended.outputFileId ?? "")?.digest);
		}
		expect(digests[0]).toBe(digests[1]);
	});

	describe("while results of other machines arrive", () => {
		/** The ledger, in which something happens once the first of the two files is written. */
		function meanwhile(happens: () => Promise<void>): Ledger {
			const { ledger } = under;
			let isFirst = true;
			return {
				...ledger,
				async storeWhole(bytes) {
					const stored = await ledger.storeWhole(bytes);
					if (isFirst) await happens();
					isFirst = false;
					return stored;
				},
			};
		}
		const twoLines = ["a", "b"].map((content) => `${JSON.stringify({ messages: user(content) })}\n`).join("");

		test("are refused where a line came too late for the one and too early for the other", async () => {
			const batch = await accept(twoLines);
			await answer(batch, 0);
			const arriving = meanwhile(() => answer(batch, 1));
			await expect(buildSeal(arriving, batch.id, "cancelled")).rejects.toThrow(/line 2/);
			const { output, errors } = await filesOf(await finishBatch(under.ledger, batch.id, "cancelled"));
			expect(output?.text.trimEnd().split("\n")).toHaveLength(2);
			expect(errors).toBeNull();
		});

		test("are refused of a completed batch as long as a line has no result, even one that would be there in time", async () => {
			const batch = await accept(twoLines);
			await answer(batch, 0);
			const arriving = meanwhile(() => answer(batch, 1));
			await expect(buildSeal(arriving, batch.id, "completed")).rejects.toThrow(/line 2/);
		});

		test("are refused where a line's error became an answer in between", async () => {
			const batch = await accept(twoLines);
			await answer(batch, 0);
			await answer(batch, 1, 400, refused);
			const arriving = meanwhile(() => answer(batch, 1));
			await expect(buildSeal(arriving, batch.id, "completed")).rejects.toThrow(/line 2/);
		});
	});
});

async function finishBatch(
	ledger: Ledger,
	batchId: string,
	status: Seal["status"] = "completed",
): Promise<BatchRecord> {
	return ledger.seal(batchId, await buildSeal(ledger, batchId, status));
}
