import { expect, test } from "vitest";
import { sampleMember } from "../state/testing.ts";
import { type CodeFacts, codeState, readDigits } from "./pairing.ts";

const code = { code: "1234 5678", expires_at: 120, tries_left: 3 };
const self = sampleMember("desk", { is_self: true });
const facts: CodeFacts = {
	first: code,
	last: code,
	goneAtMs: null,
	before: new Set([self.id]),
	machines: [self],
	nowMs: 21_500,
};

test("a code counts down, and tells of wrong ones", () => {
	expect(codeState(facts)).toEqual({ kind: "shown", code: "1234 5678", secondsLeft: 99, triesLeft: null });
	expect(codeState({ ...facts, last: { ...code, tries_left: 2 } })).toMatchObject({ kind: "shown", triesLeft: 2 });
	expect(codeState({ ...facts, first: null, last: null })).toEqual({ kind: "asking" });
});

test("who has joined counts more than that the code is gone", () => {
	const joined = { ...facts, machines: [self, sampleMember("attic")] };
	expect(codeState(joined)).toEqual({ kind: "joined", name: "attic" });
	expect(codeState({ ...joined, goneAtMs: 1, nowMs: 200_000 })).toEqual({ kind: "joined", name: "attic" });
});

test("a code that is gone says why, but not before who used it could be told of", () => {
	expect(codeState({ ...facts, goneAtMs: 20_000 })).toMatchObject({ kind: "shown" });
	expect(codeState({ ...facts, goneAtMs: 10_000 })).toEqual({ kind: "over", why: "taken" });
	const last = { ...code, tries_left: 1 };
	expect(codeState({ ...facts, last, goneAtMs: 10_000 })).toEqual({ kind: "over", why: "tries" });
	expect(codeState({ ...facts, nowMs: 120_000 })).toEqual({ kind: "over", why: "time" });
});

test("eight digits are read however they are parted", () => {
	expect([readDigits("12345678"), readDigits(" 1234 5678 "), readDigits("12-34-56-78")]).toEqual(
		Array(3).fill("12345678"),
	);
	expect([readDigits("1234567"), readDigits("123456789"), readDigits("1234567a"), readDigits("")]).toEqual(
		Array(4).fill(null),
	);
});
