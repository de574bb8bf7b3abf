import fc from "fast-check";
import { expect, test } from "vitest";
import type { Advert } from "./advert.ts";
import { createAnswerLimit, MOST_ANSWERS_A_SECOND } from "./answer-limit.ts";
import { MOST_BEACON_BYTES, QUESTION_BYTES, readBeacon, writeBeacon } from "./datagram.ts";
import { standingClock, testDeviceId } from "./testing.ts";

const pc: Advert = { deviceId: testDeviceId(), name: "den", port: 4_000, isPairing: false };

test("what is sent is what is read, of every kind", () => {
	for (const kind of ["announce", "probe", "answer", "leave"] as const) {
		expect(readBeacon(writeBeacon(kind, pc))).toEqual({ ...pc, kind });
	}
});

test("no answer is longer than a question, whatever the machine is called", () => {
	fc.assert(
		fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.constant('"'.repeat(64))), (name) => {
			const answer = writeBeacon("answer", { ...pc, name, port: 65_535 });
			expect(answer.length).toBeLessThan(QUESTION_BYTES);
			expect(writeBeacon("announce", { ...pc, name })).toHaveLength(QUESTION_BYTES);
			expect(readBeacon(answer)?.deviceId).toBe(pc.deviceId);
		}),
	);
});

test("what is none of ours is not read", () => {
	const said = JSON.parse(Buffer.from(writeBeacon("answer", pc)).toString());
	for (const change of [{ nightshift: 2 }, { kind: "boo" }, { id: "A" }, { port: 0 }, { pairing: 1 }, { name: 5 }]) {
		expect(readBeacon(Buffer.from(JSON.stringify({ ...said, ...change })))).toBeNull();
	}
	expect(readBeacon(Buffer.concat([writeBeacon("announce", pc), Buffer.alloc(MOST_BEACON_BYTES, " ")]))).toBeNull();
	fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (octets) => readBeacon(octets) === null));
});

test("one address is answered once in a while, and all together so many times a second", () => {
	const { clock, pass } = standingClock();
	const limit = createAnswerLimit(clock);
	expect([limit.take("10.0.0.1"), limit.take("10.0.0.1"), limit.take("10.0.0.2")]).toEqual([true, false, true]);
	pass(1_000);
	expect(limit.take("10.0.0.1")).toBe(true);
	pass(1_000);
	const made = Array.from({ length: 10_000 }, (_, at) => limit.take(`10.1.${at % 256}.${at >> 8}`));
	expect(made.filter((isAnswered) => isAnswered)).toHaveLength(MOST_ANSWERS_A_SECOND);
});
