import fc from "fast-check";
import { expect, it } from "vitest";
import type { Ledger } from "../ledger.ts";
import type { LineResult } from "../records.ts";
import {
	collect,
	digestOf,
	indexOf,
	KEEP_ALL,
	type LedgerUnderTest,
	lineText,
	MODEL,
	makeBatch,
	manifestOf,
	resultOf,
	storeText,
} from "./fixtures.ts";

/** What every ledger promises about handing out lines and taking results. */
export function workContract(given: () => LedgerUnderTest): void {
	const claimed = (ledger: Ledger, id: string, max: number): number[] =>
		ledger.claim(id, max, 1_000)?.lines.map((leased) => leased.line) ?? [];

	it("hands out each line once, family by family, with its own bytes", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 7, { familyOf: (line) => 2 - (line % 3) });
		const lease = ledger.claim(id, 4, 1_000);
		expect(lease?.lines.map((leased) => leased.line)).toEqual([2, 5, 1, 4]);
		expect(lease).toMatchObject({ batchId: id, durationMs: 1_000 });
		for (const { line, bytes, customId, key, crashes } of lease?.lines ?? []) {
			expect(Buffer.from(bytes).toString()).toBe(lineText(line));
			expect({ customId, crashes }).toEqual({ customId: `request-${line}`, crashes: 0 });
			expect(Buffer.from(key).toString("hex")).toBe(digestOf(lineText(line)).slice(0, 32));
		}
		expect(claimed(ledger, id, 9)).toEqual([0, 3, 6]);
		expect(ledger.claim(id, 1, 1_000)).toBeNull();
	});

	it("reads a line that reaches from one blob into the next", async () => {
		const { ledger, clock } = given();
		const texts = [lineText(0), lineText(1), lineText(2)];
		const whole = texts.map((text) => `${text}\n`).join("");
		const expiresAtMs = clock.nowMs() + 1_000;
		const facts = { filename: "a", purpose: "batch", mimeType: "text/plain", sizeBytes: whole.length };
		const upload = await ledger.createUpload({ ...facts, expiresAtMs, fileExpiresAfterMs: null });
		const partIds: string[] = [];
		for (let at = 0; at < whole.length; at += 11) {
			partIds.push((await ledger.addUploadPart(upload.id, await storeText(ledger, whole.slice(at, at + 11)))).id);
		}
		const { file } = await ledger.completeUpload(upload.id, partIds);
		const { batch } = await ledger.createBatch(manifestOf(file.id), null);
		ledger.indexLines(batch.id, indexOf(texts));
		await ledger.settleValidation(batch.id, { kind: "valid", total: 3, model: MODEL, notices: [] });
		const lease = ledger.claim(batch.id, 3, 1_000);
		expect(lease?.lines.map((leased) => Buffer.from(leased.bytes).toString())).toEqual(texts);
	});

	it("hands out lines that came back first, and those of a lease that ran out", async () => {
		const { ledger, clock } = given();
		const id = await makeBatch(ledger, 6);
		const first = ledger.claim(id, 2, 1_000);
		const second = ledger.claim(id, 2, 500);
		expect(second?.lines.map((leased) => leased.line)).toEqual([2, 3]);
		await ledger.commit(id, [resultOf(1)]);
		ledger.release(first?.token ?? "");
		ledger.release(first?.token ?? "");
		expect(claimed(ledger, id, 2)).toEqual([0, 4]);
		clock.advance(500);
		expect(claimed(ledger, id, 9)).toEqual([2, 3, 5]);
		await ledger.commit(id, [resultOf(0), resultOf(2), resultOf(3), resultOf(4)]);
		clock.advance(1_000);
		expect(claimed(ledger, id, 9)).toEqual([5]);
	});

	it("renews a lease with what of it has no result, unless its lines may not run or it ended", async () => {
		const { ledger, clock } = given();
		const id = await makeBatch(ledger, 4);
		const token = ledger.claim(id, 3, 1_000)?.token ?? "";
		await ledger.commit(id, [resultOf(1)]);
		await ledger.countCrash(id, 2);
		clock.advance(900);
		const renewed = ledger.renew(id, token, 1_000);
		expect(renewed).toMatchObject({ token, batchId: id, durationMs: 1_000 });
		expect(renewed?.lines.map(({ line, crashes }) => [line, crashes])).toEqual([
			[0, 0],
			[2, 1],
		]);
		expect(Buffer.from(renewed?.lines[1]?.bytes ?? []).toString()).toBe(lineText(2));
		clock.advance(900);
		await ledger.pause(id, "user", "Paused.");
		expect(ledger.renew(id, token, 1_000)).toBeNull();
		await ledger.resume(id);
		expect(claimed(ledger, id, 9)).toEqual([3]);
		expect(ledger.renew(id, token, 1_000)?.lines).toHaveLength(2);
		ledger.release(token);
		expect(ledger.renew(id, token, 1_000)).toBeNull();
		expect(claimed(ledger, id, 9)).toEqual([0, 2]);
	});

	it("takes the result of a line that was given back, and does not hand it out again", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 3);
		const lease = ledger.claim(id, 2, 1_000);
		ledger.release(lease?.token ?? "");
		expect(await ledger.commit(id, [resultOf(0)])).toEqual({ accepted: 1, duplicate: 0 });
		expect(claimed(ledger, id, 9)).toEqual([1, 2]);
	});

	it("never hands out a line with a result, after a restart neither", async () => {
		const test = given();
		const id = await makeBatch(test.ledger, 5);
		await test.ledger.commit(id, [resultOf(0), resultOf(3, "no", true)]);
		expect(claimed(test.ledger, id, 2)).toEqual([1, 2]);
		await test.reopen();
		expect(claimed(test.ledger, id, 9)).toEqual([1, 2, 4]);
	});

	it("goes on reading an input file that was deleted while the batch runs", async () => {
		const test = given();
		const id = await makeBatch(test.ledger, 2);
		const fileId = test.ledger.batch(id)?.manifest.inputFileId ?? "";
		expect(await test.ledger.deleteFile(fileId)).toBe(true);
		await test.reopen();
		await test.ledger.sweep(KEEP_ALL);
		expect(claimed(test.ledger, id, 2)).toEqual([0, 1]);
	});

	it("counts crashes of a line for good and tells them with the line", async () => {
		const test = given();
		const id = await makeBatch(test.ledger, 2);
		expect(await test.ledger.countCrash(id, 1)).toBe(1);
		expect(await test.ledger.countCrash(id, 1)).toBe(2);
		await test.reopen();
		expect(test.ledger.claim(id, 2, 1_000)?.lines.map((leased) => leased.crashes)).toEqual([0, 2]);
	});

	it("takes a result once, and a success over an error, keeping the counts right", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 3);
		const failure = resultOf(0, "out of memory", true);
		expect(await ledger.commit(id, [failure, resultOf(1)])).toEqual({ accepted: 2, duplicate: 0 });
		expect(await ledger.commit(id, [failure, resultOf(1)])).toEqual({ accepted: 0, duplicate: 2 });
		expect(ledger.batch(id)).toMatchObject({ completed: 1, failed: 1, status: "in_progress" });
		expect(await ledger.commit(id, [resultOf(0)])).toEqual({ accepted: 1, duplicate: 0 });
		expect(await ledger.commit(id, [failure])).toEqual({ accepted: 0, duplicate: 1 });
		const counted = [resultOf(0), resultOf(1)].map((result) => result.provenance);
		expect(ledger.batch(id)).toMatchObject({
			completed: 2,
			failed: 0,
			usage: {
				inputTokens: counted.reduce((sum, one) => sum + one.promptTokens, 0),
				cachedTokens: 4,
				outputTokens: counted.reduce((sum, one) => sum + one.completionTokens, 0),
				reasoningTokens: 2,
			},
		});
	});

	it("refuses a result of a line that does not exist and records none of that call", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 2);
		await expect(ledger.commit(id, [resultOf(0), resultOf(2)])).rejects.toThrow("there is no line 2");
		expect(ledger.batch(id)).toMatchObject({ completed: 0 });
	});

	it("comes to the same winners and counts however results arrive", async () => {
		const { ledger } = given();
		const lines = 4;
		const result = fc.record({
			line: fc.nat(lines - 1),
			text: fc.constantFrom("a", "b", "c", "a longer answer"),
			isError: fc.boolean(),
		});
		await fc.assert(
			fc.asyncProperty(
				fc.array(result, { minLength: 1, maxLength: 12 }).chain((list) =>
					fc.record({
						list: fc.constant(list),
						// Some twice, all in another order, cut into calls elsewhere, some of them at once.
						again: fc.shuffledSubarray([...list, ...list], { minLength: list.length }),
						callSize: fc.integer({ min: 1, max: 5 }),
						atOnce: fc.boolean(),
					}),
				),
				async ({ list, again, callSize, atOnce }) => {
					const toResult = (one: (typeof list)[number]): LineResult => resultOf(one.line, one.text, one.isError);
					const [first, second] = [await makeBatch(ledger, lines), await makeBatch(ledger, lines)];
					for (const one of list) await ledger.commit(first, [toResult(one)]);
					const calls = [];
					const missing = list.filter((one) => !again.includes(one));
					const all = [...again, ...missing].map(toResult);
					for (let at = 0; at < all.length; at += callSize) {
						const call = ledger.commit(second, all.slice(at, at + callSize));
						if (!atOnce) await call;
						calls.push(call);
					}
					await Promise.all(calls);
					expect(await collect(ledger.finishedLines(second))).toEqual(await collect(ledger.finishedLines(first)));
					const { completed, failed, usage, status } = ledger.batch(first) ?? {};
					expect(ledger.batch(second)).toMatchObject({ completed, failed, usage, status });
					const winners = (await collect(ledger.finishedLines(first))).flatMap((line) => line.result ?? []);
					expect(winners.filter((one) => one.isError)).toHaveLength(failed ?? -1);
					expect(winners.filter((one) => !one.isError)).toHaveLength(completed ?? -1);
					const input = winners.reduce((sum, one) => sum + one.provenance.promptTokens, 0);
					expect(input).toBe(usage?.inputTokens);
				},
			),
			{ numRuns: 25 },
		);
	});

	it("gives all lines in input order with exactly what was committed", async () => {
		const test = given();
		const total = 40;
		const id = await makeBatch(test.ledger, total);
		const order = Array.from({ length: total }, (_, index) => (index * 7) % total).filter((line) => line % 5 !== 4);
		const texts = ["plain", 'quotes " and \\', "line\nend", "snow ☃ and 🎉", "\u2028"];
		const wanted = new Map(order.map((line) => [line, resultOf(line, `${texts[line % 5]} ${line}`, line % 3 === 0)]));
		for (const line of order) await test.ledger.commit(id, [wanted.get(line) ?? resultOf(line)]);
		await test.reopen();
		const finished = await collect(test.ledger.finishedLines(id));
		expect(finished.map((one) => one.line)).toEqual(Array.from({ length: total }, (_, line) => line));
		for (const { line, customId, result } of finished) {
			const { isError, payload, provenance } = wanted.get(line) ?? {};
			expect(result).toEqual(payload === undefined ? null : { isError, payload, provenance });
			expect(customId).toBe(`request-${line}`);
		}
		expect(test.ledger.lineByCustomId(id, "request-7")).toEqual(finished[7]);
		expect(test.ledger.lineByCustomId(id, "request-4")).toEqual(finished[4]);
		expect(test.ledger.lineByCustomId(id, "request-99")).toBeNull();
	});

	it("holds results far larger than a segment", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 4);
		const results = [0, 1, 2, 3].map((line) => resultOf(line, String(line).repeat(line === 2 ? 9_000_000 : 2_000_000)));
		expect(await ledger.commit(id, results)).toEqual({ accepted: 4, duplicate: 0 });
		const finished = await collect(ledger.finishedLines(id));
		const digests = finished.map((one) => digestOf(one.result?.payload ?? ""));
		expect(digests).toEqual(results.map((result) => digestOf(result.payload)));
	});

	it("reads one line as it stands in the input, and as it was answered", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 3);
		await ledger.commit(id, [resultOf(1)]);
		expect(Buffer.from(ledger.lineBytes(id, 2) ?? []).toString()).toBe(lineText(2));
		expect(ledger.lineBytes(id, 3)).toBeNull();
		expect(ledger.finishedLine(id, 1)).toEqual(ledger.lineByCustomId(id, "request-1"));
		expect(ledger.finishedLine(id, 2)?.result).toBeNull();
		expect(ledger.finishedLine(id, 3)).toBeNull();
	});
}
