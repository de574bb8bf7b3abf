import { expect, it } from "vitest";
import {
	indexOf,
	KEEP_ALL,
	type LedgerUnderTest,
	lineText,
	MODEL,
	makeBatch,
	makeFile,
	manifestOf,
	recordChanges,
	resultOf,
	storeText,
} from "./fixtures.ts";

const FAULT = { code: "too_many_failures", message: "60 of the first 100 lines failed.", param: null, line: null };
const DAY_MS = 86_400_000;
const REHEARSAL = { manifest: { rehearsal: { lines: 2, spread: false }, windowMs: DAY_MS } };
const FIGURES = { lines: 2, failed: 1, inputTokens: 30, outputTokens: 8, durationMs: 900 };

/** What every ledger promises about rehearsals. */
export function rehearsalContract(given: () => LedgerUnderTest): void {
	it("holds a rehearsal: no line goes out but those asked for, and not even all of them finished end it", async () => {
		const test = given();
		const { ledger } = test;
		const id = await makeBatch(ledger, 3, REHEARSAL);
		expect(ledger.batch(id)).toMatchObject({ isHeld: true, status: "in_progress" });
		expect(ledger.claim(id, 9, 1_000)).toBeNull();
		const open = ledger.openLines(id, [2, 0, 2, 7]);
		expect(open.map(({ line, bytes }) => [line, Buffer.from(bytes).toString()])).toEqual([
			[2, lineText(2)],
			[0, lineText(0)],
		]);
		await ledger.commit(id, [resultOf(2), resultOf(0), resultOf(1)]);
		expect(ledger.openLines(id, [0, 1, 2])).toEqual([]);
		await test.reopen();
		expect(test.ledger.batch(id)).toMatchObject({ isHeld: true, status: "in_progress", completed: 3 });
		const queued = await test.ledger.queue(id, DAY_MS);
		expect(queued).toMatchObject({ isHeld: false, status: "finalizing", finalizingAtMs: test.clock.nowMs() });
	});

	it("counts the window of a queued batch from then, once, and hands out the lines that were not rehearsed", async () => {
		const { ledger, clock } = given();
		const id = await makeBatch(ledger, 4, REHEARSAL);
		const { createdAtMs, expiresAtMs } = await ledger.settleRehearsal(id, FIGURES);
		expect(expiresAtMs - createdAtMs).toBe(7 * DAY_MS);
		await ledger.commit(id, [resultOf(0), resultOf(1, "no", true)]);
		clock.advance(6 * DAY_MS);
		const queued = await ledger.queue(id, DAY_MS);
		expect(queued).toMatchObject({ isHeld: false, expiresAtMs: clock.nowMs() + DAY_MS, status: "in_progress" });
		clock.advance(5);
		expect(await ledger.queue(id, 9 * DAY_MS)).toEqual(queued);
		expect(ledger.claim(id, 9, 1_000)?.lines.map((leased) => leased.line)).toEqual([2, 3]);
	});

	it("lets the first figures of a rehearsal stand, and tells of them once", async () => {
		const test = given();
		const id = await makeBatch(test.ledger, 3, REHEARSAL);
		const settled = await test.ledger.settleRehearsal(id, FIGURES);
		expect(settled.rehearsed).toEqual({ ...FIGURES, atMs: test.clock.nowMs() });
		test.clock.advance(1);
		expect(await test.ledger.settleRehearsal(id, { ...FIGURES, lines: 3 })).toEqual(settled);
		await test.reopen();
		expect(test.ledger.batch(id)).toEqual(settled);
		const told = test.ledger.notices(0, 9);
		expect(told).toMatchObject([{ kind: "rehearsed", batchId: id, message: "1 of 2 lines answered, 1 failed" }]);
		const plain = await makeBatch(test.ledger, 1);
		expect((await test.ledger.settleRehearsal(plain, FIGURES)).rehearsed).toBeNull();
	});

	it("finds the rehearsal of the same bytes by the same model and with the same template, the newest", async () => {
		const { ledger } = given();
		const template = (prompt: string) => ({ prompt, system: null, max_tokens: null, temperature: 0 });
		const rehearse = async (lines: number, prompt: string, model = MODEL): Promise<string> => {
			const manifest = { ...REHEARSAL.manifest, template: template(prompt) };
			const id = await makeBatch(ledger, 3, { manifest, model });
			await ledger.settleRehearsal(id, { ...FIGURES, lines });
			return id;
		};
		const own = await rehearse(1, "Classify");
		await rehearse(2, "Classify");
		await rehearse(3, "Summarise");
		await rehearse(4, "Classify", { name: "other", digest: "0".repeat(64) });
		const id = await makeBatch(ledger, 3, { manifest: { template: template("Classify") } });
		expect(ledger.rehearsalBaseline(id)?.lines).toBe(2);
		expect(ledger.rehearsalBaseline(own)?.lines).toBe(1);
		const changed = await makeBatch(ledger, 4, { manifest: { template: template("Classify") } });
		expect(ledger.rehearsalBaseline(changed)).toBeNull();
	});

	it("lists batches of one surface, and held ones only where they are asked for", async () => {
		const { ledger } = given();
		const plain = await makeBatch(ledger, 1);
		const held = await makeBatch(ledger, 1, REHEARSAL);
		const other = await makeBatch(ledger, 1, { manifest: { surface: "anthropic" } });
		expect([plain.slice(0, 6), other.slice(0, 9)]).toEqual(["batch_", "msgbatch_"]);
		const page = { after: null, limit: 9, order: "asc" } as const;
		const ids = (surface: "openai" | "anthropic" | null, withHeld: boolean): string[] =>
			ledger.batches({ ...page, surface, withHeld }).rows.map((batch) => batch.id);
		expect(ids("openai", false)).toEqual([plain]);
		expect(ids("openai", true)).toEqual([plain, held]);
		expect(ids("anthropic", false)).toEqual([other]);
		expect(ids(null, true)).toEqual([plain, held, other]);
	});
}

/** What every ledger promises about pausing, warning and giving up. */
export function controlContract(given: () => LedgerUnderTest): void {
	it("hands out nothing of a paused batch until somebody lets it go on, over a restart", async () => {
		const test = given();
		const id = await makeBatch(test.ledger, 2);
		const paused = await test.ledger.pause(id, "user", "Paused by you.");
		expect(paused).toMatchObject({ status: "in_progress", pause: { cause: "user", atMs: test.clock.nowMs() } });
		test.clock.advance(1);
		expect(await test.ledger.pause(id, "budget", "Another reason.")).toEqual(paused);
		await test.reopen();
		expect(test.ledger.claim(id, 1, 1_000)).toBeNull();
		expect(test.ledger.openLines(id, [0])).toEqual([]);
		expect(await test.ledger.resume(id)).toMatchObject({ pause: null, overruled: [] });
		expect(test.ledger.claim(id, 1, 1_000)?.lines).toHaveLength(1);
		expect(await test.ledger.pause(id, "user", "Again.")).toMatchObject({ pause: { message: "Again." } });
		expect(test.ledger.notices(0, 9)).toEqual([]);
	});

	it("tells of a batch that paused itself, and is not paused for that again once overruled", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 2);
		const { changes } = recordChanges(ledger);
		await ledger.pause(id, "runaway", "Answers have 900 tokens in the mean; those of the rehearsal had 12.");
		const [told] = ledger.notices(0, 9);
		expect(told).toMatchObject({ kind: "needs-attention", batchId: id, message: expect.stringContaining("900") });
		expect(changes).toContainEqual({ kind: "notice", number: told?.number });
		const resumed = await ledger.resume(id);
		expect(resumed.overruled).toEqual(["runaway"]);
		expect(await ledger.pause(id, "runaway", "Still.")).toEqual(resumed);
		await ledger.pause(id, "budget", "The tokens are used up.");
		expect(await ledger.resume(id)).toMatchObject({ pause: null, overruled: ["runaway", "budget"] });
		expect(await ledger.resume(id)).toMatchObject({ overruled: ["runaway", "budget"] });
	});

	it("ends a batch that was given up as failed, with its fault and its files", async () => {
		const test = given();
		const { ledger, clock } = test;
		const id = await makeBatch(ledger, 4);
		await ledger.commit(id, [resultOf(0), resultOf(1, "no", true)]);
		const early = ledger.seal(id, { status: "failed", output: null, errors: null, extension: "jsonl" });
		await expect(early).rejects.toThrow("was not given up");
		const given_up = await ledger.giveUp(id, FAULT);
		const atMs = clock.nowMs();
		expect(given_up).toMatchObject({ status: "finalizing", finalizingAtMs: atMs, givenUp: { fault: FAULT, atMs } });
		clock.advance(5);
		expect(await ledger.giveUp(id, { ...FAULT, message: "Later." })).toEqual(given_up);
		expect(ledger.claim(id, 1, 1_000)).toBeNull();
		const output = await storeText(ledger, "id,answer\n");
		const sealed = await ledger.seal(id, { status: "failed", output, errors: output, extension: "csv" });
		expect(sealed).toMatchObject({ status: "failed", failedAtMs: atMs + 5, faults: [FAULT], givenUp: null });
		expect(ledger.file(sealed.outputFileId ?? "")?.filename).toBe(`${id}_output.csv`);
		expect(ledger.batchOfFile(sealed.errorFileId ?? "")?.id).toBe(id);
		expect(ledger.batchOfFile(sealed.manifest.inputFileId)).toBeNull();
		await test.reopen();
		expect(test.ledger.batch(id)).toEqual(sealed);
		expect(test.ledger.openBatches()).toEqual([]);
		const message = `${FAULT.message} 1 of 4 lines answered, 1 failed, 2 not run`;
		expect(test.ledger.notices(0, 9)).toMatchObject([{ kind: "failed", message }]);
	});

	it("records only changes of a warning, and tells only of new ones", async () => {
		const { ledger, clock } = given();
		const id = await makeBatch(ledger, 2);
		expect(await ledger.warn(id, null)).toMatchObject({ warning: null });
		const warned = await ledger.warn(id, "Two hours late.");
		expect(warned.warning).toEqual({ message: "Two hours late.", atMs: clock.nowMs() });
		const { changes, stop } = recordChanges(ledger);
		expect(await ledger.warn(id, "Two hours late.")).toEqual(warned);
		expect(changes).toEqual([]);
		stop();
		await ledger.warn(id, "Three hours late.");
		await ledger.warn(id, null);
		await ledger.warn(id, "Late again.");
		expect(ledger.notices(0, 9).map(({ kind, message }) => [kind, message])).toEqual([
			["deadline-at-risk", "Two hours late."],
			["deadline-at-risk", "Late again."],
		]);
	});

	it("touches nothing of a batch that ended, and takes back what no longer matters then", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 2, REHEARSAL);
		await ledger.pause(id, "user", "");
		await ledger.warn(id, "Late.");
		const sealed = await ledger.seal(id, { status: "expired", output: null, errors: null, extension: "jsonl" });
		expect(sealed).toMatchObject({ pause: null, warning: null, givenUp: null, status: "expired" });
		await ledger.queue(id, 1);
		await ledger.pause(id, "user", "");
		await ledger.resume(id);
		await ledger.giveUp(id, FAULT);
		await ledger.warn(id, "Late.");
		await ledger.settleRehearsal(id, FIGURES);
		expect(ledger.batch(id)).toEqual(sealed);
	});

	it("starts no batch before its time", async () => {
		const { ledger, clock } = given();
		const id = await makeBatch(ledger, 1, { manifest: { notBeforeMs: clock.nowMs() + 100 } });
		clock.advance(99);
		expect(ledger.claim(id, 1, 1_000)).toBeNull();
		clock.advance(1);
		expect(ledger.claim(id, 1, 1_000)?.lines).toHaveLength(1);
	});

	it("keeps the first hundred things that validation put up with", async () => {
		const test = given();
		const { batch } = await test.ledger.createBatch(manifestOf((await makeFile(test.ledger, "x\n")).id), null);
		test.ledger.indexLines(batch.id, indexOf(["x"]));
		const notices = Array.from({ length: 120 }, (_, line) => ({ code: "odd", message: "Odd.", param: null, line }));
		await test.ledger.settleValidation(batch.id, { kind: "valid", total: 1, model: MODEL, notices });
		await test.reopen();
		expect(test.ledger.batch(batch.id)?.notices).toEqual(notices.slice(0, 100));
	});

	it("keeps when the results of an ended batch were collected first", async () => {
		const { ledger, clock } = given();
		const id = await makeBatch(ledger, 1);
		expect((await ledger.markCollected(id)).collectedAtMs).toBeNull();
		await ledger.commit(id, [resultOf(0)]);
		await ledger.seal(id, { status: "completed", output: null, errors: null, extension: "jsonl" });
		const collected = await ledger.markCollected(id);
		expect(collected.collectedAtMs).toBe(clock.nowMs());
		clock.advance(1);
		expect(await ledger.markCollected(id)).toEqual(collected);
	});

	it("removes an ended batch with its files and frees its key, but not what another batch reads", async () => {
		const test = given();
		const { ledger } = test;
		const file = await makeFile(ledger, `${lineText(0)}\n`);
		const { batch } = await ledger.createBatch(manifestOf(file.id), "key");
		const reader = await ledger.createBatch(manifestOf(file.id), null);
		await expect(ledger.deleteBatch(batch.id)).rejects.toThrow("is validating; cancel it first");
		await ledger.cancel(batch.id);
		const output = await storeText(ledger, "out\n");
		const sealed = await ledger.seal(batch.id, { status: "cancelled", output, errors: null, extension: "jsonl" });
		expect(await ledger.deleteBatch(batch.id)).toBe(true);
		expect(await ledger.deleteBatch(batch.id)).toBe(false);
		await test.reopen();
		expect(test.ledger.batch(batch.id)).toBeNull();
		expect(test.ledger.batchOfFile(sealed.outputFileId ?? "")).toBeNull();
		expect(test.ledger.file(sealed.outputFileId ?? "")).toBeNull();
		expect(test.ledger.file(file.id)).toEqual(file);
		const page = { after: null, limit: 9, order: "asc", surface: null, withHeld: true } as const;
		expect(test.ledger.batches(page).rows.map((one) => one.id)).toEqual([reader.batch.id]);
		expect((await test.ledger.createBatch(manifestOf(file.id), "key")).created).toBe(true);
		await test.ledger.sweep(KEEP_ALL);
	});
}
