import { afterEach, beforeEach, expect, it } from "vitest";
import type { Ledger } from "./ledger.ts";
import { makeBatch, resultOf } from "./testing/fixtures.ts";
import { carry } from "./testing/fleet.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

let test: SqliteUnderTest;

beforeEach(async () => {
	test = await sqliteUnderTest();
});

afterEach(() => test.dispose());

const claim = (ledger: Ledger, id: string, max = 99) => {
	const lease = ledger.claim(id, max, 1_000);
	return { token: lease?.token ?? "", lines: lease?.lines.map((leased) => leased.line) ?? [] };
};

it("hands out only lines of slices while restricted, family by family, and all again afterwards", async () => {
	const { ledger } = test;
	const id = await makeBatch(ledger, 12, { familyOf: (line) => line % 2 });
	ledger.restrict(true);
	expect(claim(ledger, id).lines).toEqual([]);
	ledger.assign(id, "s", [[4, 4]]);
	ledger.assign(id, "t", [
		[1, 1],
		[11, 900],
	]);
	expect(ledger.openOf("t")).toBe(2);
	expect(claim(ledger, id, 3).lines).toEqual([4, 6, 5]);
	expect(claim(ledger, id).lines).toEqual([7, 1, 11]);
	expect(claim(ledger, id).lines).toEqual([]);
	ledger.restrict(false);
	expect(claim(ledger, id).lines).toEqual([0, 2, 8, 10, 3, 9]);
	test.clock.advance(2_000);
	expect(claim(ledger, id).lines).toEqual([0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
});

it("gives released lines back to their slice, and to nobody once that was withdrawn", async () => {
	const { ledger } = test;
	const id = await makeBatch(ledger, 6);
	ledger.restrict(true);
	ledger.assign(id, "s", [[0, 4]]);
	const first = claim(ledger, id, 2);
	ledger.withdraw("s", [[1, 2]]);
	// Line 1 is out already and stays so; line 2 was not.
	expect(ledger.openOf("s")).toBe(3);
	expect(ledger.renew(id, first.token, 1_000)?.lines.map((leased) => leased.line)).toEqual([0, 1]);
	ledger.release(first.token);
	const again = claim(ledger, id);
	expect(again.lines).toEqual([0, 1, 3]);
	await ledger.commit(id, [resultOf(0)]);
	expect(ledger.openOf("s")).toBe(2);
	ledger.withdraw("s", null);
	expect(ledger.openOf("s")).toBe(0);
	ledger.release(again.token);
	expect(claim(ledger, id).lines).toEqual([]);
	ledger.restrict(false);
	expect(claim(ledger, id).lines).toEqual([1, 2, 3, 4, 5]);
});

it("does not run lines whose results came from elsewhere", async () => {
	const other = await sqliteUnderTest();
	try {
		const { ledger } = test;
		const id = await makeBatch(ledger, 4);
		await carry(test, other);
		ledger.restrict(true);
		ledger.assign(id, "s", [[0, 4]]);
		const lease = claim(ledger, id, 2);
		await other.ledger.commit(id, [resultOf(1), resultOf(2)]);
		await carry(other, test);
		expect(ledger.openOf("s")).toBe(2);
		expect(ledger.renew(id, lease.token, 1_000)?.lines.map((leased) => leased.line)).toEqual([0]);
		expect(claim(ledger, id).lines).toEqual([3]);
		ledger.assign(id, "u", [[1, 3]]);
		expect(ledger.openOf("u")).toBe(1);
		await other.ledger.commit(id, [resultOf(0), resultOf(3)]);
		await carry(other, test);
		expect([ledger.openOf("s"), ledger.openOf("u"), ledger.batch(id)?.status]).toEqual([0, 0, "finalizing"]);
	} finally {
		await other.dispose();
	}
});

it("keeps track of the first open line through slices, for the next start", async () => {
	const { ledger } = test;
	const id = await makeBatch(ledger, 5);
	ledger.restrict(true);
	ledger.assign(id, "s", [[2, 3]]);
	claim(ledger, id);
	await ledger.commit(id, [resultOf(2), resultOf(3), resultOf(4)]);
	ledger.restrict(false);
	expect(claim(ledger, id).lines).toEqual([0, 1]);
	const later = await test.reopen();
	expect(claim(later, id).lines).toEqual([0, 1]);
});
