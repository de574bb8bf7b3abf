import fc from "fast-check";
import { expect, test } from "vitest";
import { atTime, closeDialog, dialogLimits, judge, makeCode, openDialog, readCode, showCode } from "./dialog.ts";

const step = fc.oneof(
	fc.record({ kind: fc.constant("proof" as const), isRight: fc.boolean() }),
	fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(50_000) }),
	fc.record({ kind: fc.constant("close" as const) }),
);

test("whatever happens, at most three wrong proofs and one right one are judged, and none after the end", () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
			let nowMs = 1_000;
			let dialog = openDialog("00000000", nowMs, dialogLimits);
			let [wrong, right] = [0, 0];
			for (const one of steps) {
				const before = atTime(dialog, nowMs);
				if (one.kind === "wait") nowMs += one.ms;
				else if (one.kind === "close") dialog = closeDialog(dialog, nowMs);
				else {
					let isAsked = false;
					const judged = judge(dialog, nowMs, () => {
						isAsked = true;
						return one.isRight;
					});
					expect(isAsked).toBe(before.end === null);
					expect(judged.verdict).toBe(isAsked ? (one.isRight ? "right" : "wrong") : "not-judged");
					if (isAsked) expect(nowMs).toBeLessThan(1_000 + 120_000);
					if (judged.verdict === "wrong") wrong += 1;
					if (judged.verdict === "right") right += 1;
					dialog = judged.dialog;
				}
				if (before.end !== null) expect(atTime(dialog, nowMs).end).toBe(before.end);
			}
			expect(wrong).toBeLessThanOrEqual(3);
			expect(right).toBeLessThanOrEqual(1);
			expect(dialog.triesLeft).toBe(3 - wrong);
			if (wrong === 3 || right === 1) expect(dialog.end).not.toBeNull();
		}),
	);
});

test("codes have eight digits, the first as random as the last", () => {
	const codes = Array.from({ length: 2_000 }, makeCode);
	for (const code of codes) expect(code).toMatch(/^\d{8}$/);
	for (const at of [0, 7]) expect(new Set(codes.map((code) => code[at])).size).toBe(10);
	expect(new Set(codes).size).toBeGreaterThan(1_990);
});

test("a code may be typed as it is shown, or with any spaces and hyphens, and nothing else is one", () => {
	expect(showCode("01234567")).toBe("0123 4567");
	for (const text of ["0123 4567", "01234567", " 0123-4567\n", "01 23 45 67"]) expect(readCode(text)).toBe("01234567");
	for (const text of ["", "1234567", "123456789", "1234567a", "١٢٣٤٥٦٧٨", "1234,5678"])
		expect(readCode(text)).toBeNull();
});
