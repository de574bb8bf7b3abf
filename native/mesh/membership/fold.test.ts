import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { DeviceId, DeviceIdentity } from "../identity/identity.ts";
import { testMachine } from "../identity/testing.ts";
import { foldMembership, type MembershipView } from "./fold.ts";
import { type ProvenRecord, signAdmit, signRevoke } from "./records.ts";

const MACHINES = 6;
let machines: DeviceIdentity[];
let admits: ProvenRecord[][];

beforeAll(async () => {
	machines = await Promise.all(Array.from({ length: MACHINES }, () => testMachine()));
	// Each is called something else by each, so that it matters whose name wins.
	admits = machines.map((by, number) =>
		machines.map(({ spki }, id) => signAdmit(by, { spki, name: `machine ${id} of ${number}` })),
	);
});

const at = (number: number): DeviceIdentity => {
	const machine = machines[number];
	if (machine === undefined) throw new Error("There is no such machine");
	return machine;
};
const admit = (by: number, id: number): ProvenRecord =>
	admits[by]?.[id] ?? signAdmit(at(by), { spki: at(id).spki, name: "x" });
const revoke = (by: number, id: number, keeps: readonly ProvenRecord[] = []): ProvenRecord =>
	signRevoke(
		at(by),
		at(id).deviceId,
		keeps.map(({ digest }) => digest),
	);
const pair = (one: number, other: number) => [admit(one, other), admit(other, one)];

function fold(records: readonly ProvenRecord[], by = 0): MembershipView {
	const { deviceId, spki } = at(by);
	return foldMembership({ deviceId, spki, name: `machine ${by}` }, records);
}
const numbers = (ids: Iterable<DeviceId>) =>
	[...ids].map((id) => machines.findIndex(({ deviceId }) => deviceId === id)).sort();
const members = (records: readonly ProvenRecord[], by = 0) => numbers(fold(records, by).members.keys());
const plain = ({ members: inside, revoked, awaitingApproval }: MembershipView) => ({
	members: [...inside.values()].map(({ deviceId, name }) => `${deviceId} ${name}`).sort(),
	revoked: [...revoked].sort(),
	waiting: [...awaitingApproval.keys()].sort(),
});

describe("members", () => {
	test("a machine alone is a mesh of one", () => expect(members([])).toEqual([0]));
	test("who was admitted by a member is a member, along any way", () => {
		expect(members([admit(0, 1), admit(1, 2), admit(2, 3)])).toEqual([0, 1, 2, 3]);
	});
	test("what a stranger signs counts once it is no stranger", () => {
		const early = [admit(4, 5), revoke(4, 0), revoke(4, 1)];
		expect(members([admit(0, 1), ...early])).toEqual([0, 1]);
		expect(members([admit(0, 1), ...early, admit(1, 4)])).toEqual([]);
		expect(members([admit(4, 5), admit(0, 4)])).toEqual([0, 4, 5]);
	});
	test("admitting the one that admits does not make a mesh of strangers", () => {
		expect(members([admit(1, 0), admit(2, 0), admit(1, 2)])).toEqual([0]);
	});
});

describe("removal", () => {
	test("wins over every admission, before it or after", () => {
		const all = [admit(0, 1), admit(0, 2), admit(2, 1), revoke(0, 1)];
		expect(members(all)).toEqual([0, 2]);
		expect(members([...all, signAdmit(at(2), { spki: at(1).spki, name: "once more" })])).toEqual([0, 2]);
	});
	test("of each other at the same time takes both out", () => {
		const all = [...pair(0, 1), ...pair(0, 2), revoke(1, 2), revoke(2, 1)];
		expect(members(all)).toEqual([0]);
	});
	test("leaves those in that the removed machine had admitted, as far as was known", () => {
		const known = [...pair(0, 1), ...pair(1, 2)];
		expect(members([...known, revoke(0, 1, [admit(1, 2)])])).toEqual([0, 2]);
	});
	test("has those that it can't have known of wait until a member says so", () => {
		const all = [...pair(0, 1), ...pair(1, 2), revoke(0, 1), ...pair(2, 3)];
		expect(members(all)).toEqual([0]);
		expect(numbers(fold(all).awaitingApproval.keys())).toEqual([2, 3]);
		expect(members([...all, admit(0, 2)])).toEqual([0, 2, 3]);
		expect(numbers(fold([...all, admit(0, 2)]).awaitingApproval.keys())).toEqual([]);
	});
	test("by two leaves only what both knew of", () => {
		const known = [admit(0, 1), admit(0, 2), admit(1, 3), admit(1, 4)];
		const both = [...known, revoke(0, 1, [admit(1, 3)]), revoke(2, 1, [admit(1, 3), admit(1, 4)])];
		expect(members(both)).toEqual([0, 2, 3]);
		expect(numbers(fold(both).awaitingApproval.keys())).toEqual([4]);
	});
	test("of oneself is leaving: nobody is a member any more", () => {
		expect(members([...pair(0, 1), revoke(0, 0)])).toEqual([]);
		expect(members([...pair(0, 1), revoke(0, 0)], 1)).toEqual([1]);
	});
	test("by a machine that was removed counts, or two could not remove each other", () => {
		expect(members([admit(0, 1), admit(0, 2), revoke(0, 1), revoke(1, 2)])).toEqual([0]);
	});
});

const anyAdmit = fc
	.tuple(fc.nat(MACHINES - 1), fc.nat(MACHINES - 1))
	.map(([by, id]) => ({ kind: "admit", by, id }) as const);
const anyRevoke = fc
	.tuple(fc.nat(MACHINES - 1), fc.nat(MACHINES - 1), fc.array(fc.nat(MACHINES - 1), { maxLength: 3 }))
	.map(([by, id, keeps]) => ({ kind: "revoke", by, id, keeps }) as const);
const anyScript = fc.array(fc.oneof({ weight: 4, arbitrary: anyAdmit }, { weight: 1, arbitrary: anyRevoke }), {
	maxLength: 20,
});
type Script = typeof anyScript extends fc.Arbitrary<infer T> ? T : never;

const play = (script: Script): ProvenRecord[] =>
	script.map((step) =>
		step.kind === "admit"
			? admit(step.by, step.id)
			: revoke(
					step.by,
					step.id,
					step.keeps.map((id) => admit(step.id, id)),
				),
	);

test("order and repetition change nothing", () => {
	const orders = anyScript.chain((script) => {
		const places = script.map((_, place) => place);
		const repeated = fc.array(fc.nat(Math.max(script.length - 1, 0)), { maxLength: script.length });
		return fc.tuple(fc.constant(script), fc.shuffledSubarray(places, { minLength: places.length }), repeated);
	});
	fc.assert(
		fc.property(orders, ([script, order, repeated]) => {
			const records = play(script);
			const shuffled = [...order, ...repeated].flatMap((place) => records[place] ?? []);
			for (let by = 0; by < MACHINES; by += 1) expect(plain(fold(shuffled, by))).toEqual(plain(fold(records, by)));
		}),
	);
});

test("who was removed stays so, whatever comes after", () => {
	fc.assert(
		fc.property(anyScript, anyScript, (before, after) => {
			const early = play(before);
			const late = [...early, ...play(after)];
			const removed = fold(early).revoked;
			for (const id of removed) {
				expect(fold(late).revoked.has(id)).toBe(true);
				expect(fold(late).members.has(id)).toBe(false);
			}
		}),
	);
});

test("nothing that strangers sign to each other changes anything", () => {
	fc.assert(
		fc.property(anyScript, anyScript, (script, noise) => {
			const inside = script.filter(({ by, id }) => by < 3 && id < 3);
			const outside = noise.filter(({ by }) => by >= 3);
			expect(plain(fold(play([...inside, ...outside])))).toEqual(plain(fold(play(inside))));
		}),
	);
});

/** The rules once more, as slowly and plainly as they can be said. */
function oracle(records: readonly ProvenRecord[]): { members: number[]; waiting: number[] } {
	const said = records.map(({ record, digest }) => ({ record, digest }));
	const grow = (counts: (digest: string, by: DeviceId) => boolean) => {
		let known: DeviceId[] = [at(0).deviceId];
		for (let round = 0; round < MACHINES; round += 1) {
			for (const { record, digest } of said) {
				if (record.kind === "admit" && known.includes(record.by) && counts(digest, record.by))
					known = [...known, record.id];
			}
		}
		return new Set(known);
	};
	const everyone = grow(() => true);
	const revokes = said.flatMap(({ record }) => (record.kind === "revoke" && everyone.has(record.by) ? [record] : []));
	const isOut = (id: DeviceId) => revokes.some((record) => record.id === id);
	if (isOut(at(0).deviceId)) return { members: [], waiting: [] };
	const standing = grow((digest, by) => revokes.every((record) => record.id !== by || record.keeps.includes(digest)));
	return {
		members: numbers([...standing].filter((id) => !isOut(id))),
		waiting: numbers([...everyone].filter((id) => !isOut(id) && !standing.has(id))),
	};
}

test("says the same as the rules said plainly", () => {
	fc.assert(
		fc.property(anyScript, (script) => {
			const records = play(script);
			const { members: inside, awaitingApproval } = fold(records);
			expect({ members: numbers(inside.keys()), waiting: numbers(awaitingApproval.keys()) }).toEqual(oracle(records));
		}),
		{ numRuns: 300 },
	);
});

test("machines that were paired one with another, in whatever tree, see the same members", () => {
	const tree = fc.tuple(...Array.from({ length: MACHINES - 1 }, (_, at) => fc.nat(at)));
	fc.assert(
		fc.property(tree, fc.nat(MACHINES - 1), fc.nat(MACHINES - 1), (parents, by, id) => {
			const records = parents.flatMap((parent, child) => pair(parent, child + 1));
			const known = records.filter(({ record }) => record.by === at(id).deviceId);
			const all = by === id ? records : [...records, revoke(by, id, known)];
			const expected = machines.map((_, number) => number).filter((number) => by === id || number !== id);
			for (const number of expected) expect(members(all, number)).toEqual(expected);
		}),
	);
});
