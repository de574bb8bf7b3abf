import { afterAll, beforeAll, expect, test } from "vitest";
import { type BatchLines, batchLinesSchema } from "../contract/contract.ts";
import { answerTo, makeBatch } from "./batch-testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

const LINES = 100_000;
const COMMITTED_AT_ONCE = 5_000;

let api: TestApi;
let id: string;
beforeAll(async () => {
	api = await startTestApi();
	const customIds = Array.from({ length: LINES }, (_, line) => `ticket-${line}`);
	id = (await makeBatch(api.ledger, { customIds })).id;
	for (let first = 0; first < LINES; first += COMMITTED_AT_ONCE) {
		const lines = Array.from({ length: COMMITTED_AT_ONCE }, (_, index) => first + index);
		await api.ledger.commit(
			id,
			lines.map((line) => answerTo(line, line % 10_000 === 9, `Answer ${line}, ${"in many words ".repeat(20)}`)),
		);
	}
}, 300_000);
afterAll(() => api.stop());

async function search(query: string): Promise<number[]> {
	const found: number[] = [];
	for (let from: number | null = 0; from !== null; ) {
		const answer = await fetch(`${api.url}/api/batches/${id}/lines?from=${from}&${query}`, {
			headers: { authorization: `Bearer ${api.token}` },
		});
		const page: BatchLines = batchLinesSchema.parse(await answer.json());
		found.push(...page.data.map(({ line }) => line));
		from = page.next_from;
	}
	return found;
}

test("finds the last of a hundred thousand lines, and every failed one", async () => {
	const last = await search(`search=answer+${LINES - 1},`);
	expect(last).toEqual([LINES - 1]);
	const failed = await search("only=failed");
	expect(failed).toEqual(Array.from({ length: 10 }, (_, index) => index * 10_000 + 9));
}, 300_000);
