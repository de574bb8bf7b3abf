import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../base/base.ts";
import type { BatchRecord } from "../ledger/ledger.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "../ledger/testing/sqlite.ts";
import type { ModelNames, Models } from "../models/models.ts";
import {
	type AcceptWish,
	acceptFile,
	openShelf,
	storeFile,
	stubResidency,
	templateOf,
	wishFor,
} from "./file-testing.ts";
import { type BatchWish, draftManifest } from "./new-batch.ts";
import { unshared } from "./sharing.ts";
import { sampleResult } from "./testing.ts";
import { createValidator, type ValidatorDeps } from "./validator.ts";
import { answerPayload } from "./work/payload.ts";
import { alwaysPermitted, type WorkPermit } from "./work-permit.ts";

let under: SqliteUnderTest;
let loaded: string[];
beforeEach(async () => {
	under = await sqliteUnderTest();
	loaded = [];
});
afterEach(() => under.dispose());

const residency = stubResidency(({ name }) => loaded.push(name));

/** Makes a batch of a file and checks it, with two models here. */
async function accept(
	text: string,
	wish: AcceptWish & { readonly names?: Partial<ModelNames> } = {},
): Promise<BatchRecord> {
	using shelf = openShelf(["local", "small"], wish.names);
	return await acceptFile({ ledger: under.ledger, models: shelf.models, residency }, text, wish);
}

function validatorOf(models: Models, changes: Partial<ValidatorDeps> = {}) {
	const permit = () => alwaysPermitted;
	const deps = { ledger: under.ledger, residency, models, permit, sharing: unshared(under.ledger), log: silentLog };
	return createValidator({ ...deps, ...changes });
}

const chat = (id: string, model: string | null, content = `text of ${id}`) => {
	const body = { ...(model === null ? {} : { model }), messages: [{ role: "user", content }] };
	return `${JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body })}\n`;
};
const bare = (content: string, model?: string) =>
	`${JSON.stringify({ model, messages: [{ role: "user", content }] })}\n`;
const gemini = (key: string) => `${JSON.stringify({ key, request: { contents: [{ parts: [{ text: key }] }] } })}\n`;

describe("a batch", () => {
	test("is answered by the model that its lines name, by the owner's map and default", async () => {
		expect(await accept(chat("a", "small"))).toMatchObject({ status: "in_progress", model: { name: "small" } });
		const names = { map: { "gpt-4o": "local" }, default: "small" };
		expect(await accept(chat("a", "gpt-4o") + chat("b", "local"), { names })).toMatchObject({
			model: { name: "local" },
		});
		expect(await accept(chat("a", "gpt-9") + chat("b", "gpt-8"), { names })).toMatchObject({
			model: { name: "small" },
		});
		expect(loaded).toEqual(["small", "local", "small"]);
	});

	test("whose lines name no model is answered by the batch's, else by the default", async () => {
		const names = { default: "small" };
		expect(await accept(gemini("a"), { names })).toMatchObject({ status: "in_progress", model: { name: "small" } });
		expect(await accept(gemini("a"), { names, options: { model: "local" } })).toMatchObject({
			model: { name: "local" },
		});
		const template = templateOf("{{text}}");
		const table = await accept("id,text\n1,a\n2,b\n", { names, filename: "t.csv", options: { template } });
		expect(table).toMatchObject({ status: "in_progress", total: 2, model: { name: "small" } });
		expect(under.ledger.lineBytes(table.id, 1)).toEqual(Buffer.from("2,b"));
	});

	test("without any model is refused once, and nothing is loaded", async () => {
		const batch = await accept(gemini("a") + gemini("b"));
		expect(batch).toMatchObject({
			status: "failed",
			faults: [{ code: "model_not_found", line: null, param: "model" }],
		});
		expect(batch.faults).toHaveLength(1);
		expect(loaded).toEqual([]);
	});

	test("may name its model anywhere, if its first line does not tell", async () => {
		const long = chat("a", "small", "x".repeat(2_000_000));
		expect(await accept(long)).toMatchObject({ status: "in_progress", model: { name: "small" } });
		expect(await accept(`${"\n".repeat(50)}${chat("a", "small")}`)).toMatchObject({ model: { name: "small" } });
		const mixed = await accept(bare("a") + bare("b", "small"), { names: { default: "local" } });
		expect(mixed.faults).toMatchObject([{ code: "model_mismatch", line: 2 }]);
	});

	test("keeps what was put up with", async () => {
		const batch = await accept(`${chat("a", "small")}\n\n${chat("b", "small", "")}`);
		expect(batch.notices).toEqual([
			{ code: "notice", line: 2, param: null, message: "A blank line was skipped. (2 lines, the first of them here)" },
			{ code: "notice", line: 4, param: null, message: "All messages of a request are empty." },
		]);
	});

	test("whose lines may fail alone goes on with bad ones", async () => {
		const line = (id: string, params: object) => `${JSON.stringify({ custom_id: id, params })}\n`;
		const good = { model: "small", max_tokens: 5, messages: [{ role: "user", content: "Hi" }] };
		const text = line("a", good) + line("b", { ...good, messages: "x" });
		expect(await accept(text, { changes: { badLines: "fail-line" } })).toMatchObject({
			status: "in_progress",
			total: 2,
			notices: [{ line: 2, message: expect.stringMatching(/answered with a 400/) }],
		});
		expect(await accept(text)).toMatchObject({ status: "failed", faults: [{ line: 2, param: "params.messages" }] });
	});

	test("waits for its model while another is at work, and is checked then", async () => {
		using shelf = openShelf(["small"]);
		const file = await storeFile(under.ledger, chat("a", "small"));
		const deps = { ledger: under.ledger, models: shelf.models, allowedHosts: () => [] };
		const drafted = await draftManifest(deps, wishFor(file));
		if (!drafted.ok) throw new Error(drafted.error.message);
		const { batch } = await under.ledger.createBatch(drafted.value, null);
		let isBusy = true;
		const busy = {
			tryAcquire: (source: Parameters<typeof residency.tryAcquire>[0]) =>
				isBusy ? null : residency.tryAcquire(source),
			isFree: () => !isBusy,
		};
		const validator = validatorOf(shelf.models, { residency: busy });
		await validator.validate(batch, new AbortController().signal);
		expect(under.ledger.batch(batch.id)?.status).toBe("validating");
		expect(validator.isDue(batch)).toBe(false);
		isBusy = false;
		expect(validator.isDue(batch)).toBe(true);
		await validator.validate(batch, new AbortController().signal);
		expect(under.ledger.batch(batch.id)?.status).toBe("in_progress");
	});
});

describe("while work is not permitted", () => {
	const refused: WorkPermit = { ...alwaysPermitted, isGranted: false, rehearses: false };

	async function draft(models: Models, text: string, changes: Partial<BatchWish> = {}): Promise<BatchRecord> {
		const file = await storeFile(under.ledger, text);
		const drafting = { ledger: under.ledger, models, allowedHosts: () => [] };
		const drafted = await draftManifest(drafting, wishFor(file, {}, changes));
		if (!drafted.ok) throw new Error(drafted.error.message);
		return (await under.ledger.createBatch(drafted.value, null)).batch;
	}

	test("a file is checked as far as that goes without its model, which is not loaded, and in full once it is", async () => {
		using shelf = openShelf(["small"]);
		let permit = refused;
		const validator = validatorOf(shelf.models, { permit: () => permit });
		const bad = await draft(shelf.models, "no request");
		const good = await draft(shelf.models, chat("a", "small"));
		for (const batch of [bad, good]) await validator.validate(batch, new AbortController().signal);
		expect([bad, good].map(({ id }) => under.ledger.batch(id)?.status)).toEqual(["failed", "validating"]);
		expect([loaded, validator.isDue(good)]).toEqual([[], false]);
		permit = alwaysPermitted;
		expect(validator.isDue(good)).toBe(true);
		await validator.validate(good, new AbortController().signal);
		expect(under.ledger.batch(good.id)?.status).toBe("in_progress");
		expect(loaded).toEqual(["small"]);
	});

	test("a file that is to be rehearsed is checked with its model, where rehearsals may run", async () => {
		using shelf = openShelf(["small"]);
		const validator = validatorOf(shelf.models, { permit: () => ({ ...refused, rehearses: true }) });
		const plain = await draft(shelf.models, chat("a", "small"));
		const rehearsal = { lines: 5, spread: false };
		const rehearsed = await draft(shelf.models, chat("b", "small"), { rehearsal });
		for (const batch of [plain, rehearsed]) await validator.validate(batch, new AbortController().signal);
		expect([plain, rehearsed].map(({ id }) => under.ledger.batch(id)?.status)).toEqual(["validating", "in_progress"]);
	});
});

describe("what was answered before", () => {
	const answer = async (batch: BatchRecord, line: number) => {
		const payload = answerPayload(200, new Uint8Array(16), { choices: [] });
		const { provenance } = sampleResult(line);
		const made = { ...provenance, modelDigest: batch.model?.digest ?? "" };
		await under.ledger.commit(batch.id, [{ line, isError: false, payload, provenance: made }]);
	};

	test("is known when a batch is accepted, before anything of it starts", async () => {
		const first = await accept(chat("a", "small") + chat("b", "small"));
		await answer(first, 1);
		const second = await accept(chat("x", "small", "text of b") + chat("y", "small", "text of a"));
		expect(second).toMatchObject({ adopted: 1, completed: 1, status: "in_progress" });
		expect(under.ledger.claim(second.id, 9, 1_000)?.lines.map(({ customId }) => customId)).toEqual(["y"]);
	});

	test("is kept when the index is made anew", async () => {
		const batch = await accept(chat("a", "small") + chat("b", "small"));
		await answer(batch, 0);
		await under.ledger.rebuild();
		using shelf = openShelf(["small"]);
		const validator = validatorOf(shelf.models);
		const [due] = under.ledger.openBatches();
		if (due === undefined) throw new Error("The batch is not open any more");
		await validator.validate(due, new AbortController().signal);
		expect(under.ledger.batch(batch.id)).toMatchObject({ status: "in_progress", completed: 1, total: 2 });
		expect(under.ledger.claim(batch.id, 9, 1_000)?.lines.map(({ customId }) => customId)).toEqual(["b"]);
	});
});
