import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeBatch, resultOf } from "../../ledger/testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "../../ledger/testing/sqlite.ts";
import { alwaysPermitted, type WorkPermit } from "../work-permit.ts";
import { createKeptLeases, type KeptLeases } from "./kept-leases.ts";

const putOff: WorkPermit = { ...alwaysPermitted, isGranted: false, rehearses: false, reason: "waiting: a game" };
const gone: WorkPermit = { ...putOff, keepsLeases: false };
const permits = { granted: alwaysPermitted, "put off": putOff, gone } as const;

let under: SqliteUnderTest;
let permit: WorkPermit;
let kept: KeptLeases;
beforeEach(async () => {
	under = await sqliteUnderTest();
	permit = alwaysPermitted;
	kept = createKeptLeases({ ledger: under.ledger, permit: () => permit });
});
afterEach(() => under.dispose());

/** Leases as a feed does; the lines, and the token to give back. */
function feedClaims(id: string, max = 9) {
	const lease = kept.ledgerOf(id).claim(id, max, 1_000);
	return { token: lease?.token ?? "", lines: lease?.lines.map(({ line }) => line) ?? [] };
}

function otherClaims(id: string, max = 9): readonly number[] {
	return under.ledger.claim(id, max, 1_000)?.lines.map(({ line }) => line) ?? [];
}

describe("lines of a feed that was stopped", () => {
	test("stay with their batch while work is put off, and the next feed begins with those that have no result", async () => {
		const id = await makeBatch(under.ledger, 6);
		const first = feedClaims(id, 2);
		const second = feedClaims(id, 2);
		await under.ledger.commit(id, [resultOf(0)]);
		permit = putOff;
		for (const { token } of [first, second]) kept.ledgerOf(id).release(token);
		kept.look();
		expect(otherClaims(id)).toEqual([4, 5]);
		permit = alwaysPermitted;
		expect(feedClaims(id).lines).toEqual([1]);
		expect(feedClaims(id).lines).toEqual([2, 3]);
		expect(feedClaims(id).lines).toEqual([]);
	});

	test("are given back when work is put off for long", async () => {
		const id = await makeBatch(under.ledger, 3);
		const { token } = feedClaims(id);
		permit = putOff;
		kept.ledgerOf(id).release(token);
		expect(otherClaims(id)).toEqual([]);
		permit = gone;
		expect(otherClaims(id)).toEqual([]);
		kept.look();
		expect(otherClaims(id)).toEqual([0, 1, 2]);
	});

	test("are given back at once where work goes on, or is put off for long already", async () => {
		for (const now of [alwaysPermitted, gone]) {
			const id = await makeBatch(under.ledger, 2);
			const { token } = feedClaims(id);
			permit = now;
			kept.ledgerOf(id).release(token);
			expect(otherClaims(id)).toEqual([0, 1]);
		}
	});

	test("are given back when their batch is paused, cancelled or given up, before or after the stop", async () => {
		const { ledger } = under;
		const fault = { code: "bad", message: "Bad.", param: null, line: null };
		const ends = [
			(id: string) => ledger.pause(id, "user", "Paused."),
			(id: string) => ledger.cancel(id),
			(id: string) => ledger.giveUp(id, fault),
		];
		for (const end of ends) {
			for (const isBefore of [true, false]) {
				permit = alwaysPermitted;
				const id = await makeBatch(ledger, 2);
				const { token } = feedClaims(id);
				if (isBefore) await end(id);
				permit = putOff;
				kept.ledgerOf(id).release(token);
				if (!isBefore) await end(id);
				kept.look();
				await ledger.resume(id).catch(() => {});
				expect(ledger.renew(id, token, 1_000)).toBeNull();
				permit = alwaysPermitted;
				if (ledger.batch(id)?.status === "in_progress") expect(otherClaims(id)).toEqual([0, 1]);
			}
		}
	});

	test("are given back when another batch takes its turn, and all of them at the end", async () => {
		const [one, other] = [await makeBatch(under.ledger, 2), await makeBatch(under.ledger, 2)];
		const tokens = [one, other].map((id) => ({ id, token: feedClaims(id).token }));
		permit = putOff;
		for (const { id, token } of tokens) kept.ledgerOf(id).release(token);
		kept.releaseOthers(one);
		expect([otherClaims(one), otherClaims(other)]).toEqual([[], [0, 1]]);
		kept.releaseOthers(null);
		expect(otherClaims(one)).toEqual([0, 1]);
	});

	test("are whoever's they are once their lease ran out", async () => {
		const id = await makeBatch(under.ledger, 2);
		const { token } = feedClaims(id);
		permit = putOff;
		kept.ledgerOf(id).release(token);
		under.clock.advance(1_000);
		expect(otherClaims(id, 1)).toEqual([0]);
		permit = alwaysPermitted;
		expect(feedClaims(id).lines).toEqual([1]);
	});
});

test("whatever comes and goes, no line is lost and none has two holders", async () => {
	const step = fc.oneof(
		fc.record({ do: fc.constantFrom("feed claims", "other claims" as const), max: fc.integer({ min: 1, max: 5 }) }),
		fc.record({ do: fc.constantFrom("feed finishes", "other finishes" as const), count: fc.nat(3) }),
		fc.record({ do: fc.constantFrom("feed ends", "other ends", "look" as const) }),
		fc.record({ do: fc.constantFrom("granted", "put off", "gone" as const) }),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
			const id = await makeBatch(under.ledger, 12);
			permit = alwaysPermitted;
			kept = createKeptLeases({ ledger: under.ledger, permit: () => permit });
			const done = new Set<number>();
			const world = {
				feed: [] as { token: string; lines: readonly number[] }[],
				other: [] as { token: string; lines: readonly number[] }[],
				/** Lines nobody else may begin. */
				kept: new Set<number>(),
			};
			const heldBy = (who: "feed" | "other") =>
				world[who].flatMap(({ lines }) => lines).filter((line) => !done.has(line));
			const endFeed = () => {
				if (!permit.isGranted && permit.keepsLeases) for (const line of heldBy("feed")) world.kept.add(line);
				for (const { token } of world.feed.splice(0)) kept.ledgerOf(id).release(token);
			};
			for (const one of steps) {
				if ("max" in one) {
					const who = one.do === "feed claims" ? "feed" : "other";
					const ledger = who === "feed" ? kept.ledgerOf(id) : under.ledger;
					const lease = ledger.claim(id, one.max, 1_000);
					const lines = lease?.lines.map(({ line }) => line) ?? [];
					const taken = new Set([...heldBy("feed"), ...heldBy("other"), ...(who === "other" ? world.kept : [])]);
					expect(lines.filter((line) => taken.has(line) || done.has(line))).toEqual([]);
					// What was kept goes first.
					if (who === "feed" && world.kept.size > 0) expect(lines.every((line) => world.kept.has(line))).toBe(true);
					for (const line of lines) world.kept.delete(line);
					if (lease !== null) world[who].push({ token: lease.token, lines });
				} else if ("count" in one) {
					const lines = heldBy(one.do === "feed finishes" ? "feed" : "other").slice(0, one.count);
					await under.ledger.commit(
						id,
						lines.map((line) => resultOf(line)),
					);
					for (const line of lines) done.add(line);
				} else if (one.do === "feed ends") endFeed();
				else if (one.do === "other ends") for (const { token } of world.other.splice(0)) under.ledger.release(token);
				else {
					if (one.do !== "look") permit = permits[one.do];
					// Work ends when it is not permitted.
					if (!permit.isGranted) endFeed();
					kept.look();
					if (!permit.keepsLeases) world.kept.clear();
				}
			}
			permit = gone;
			endFeed();
			kept.look();
			const rest = Array.from({ length: 12 }, (_, line) => line).filter((line) => !done.has(line));
			const others = new Set(heldBy("other"));
			expect([...otherClaims(id, 99)].sort((a, b) => a - b)).toEqual(rest.filter((line) => !others.has(line)));
		}),
		{ numRuns: 60 },
	);
});
