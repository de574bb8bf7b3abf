import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AdmissionLane, admit, type CopyPays, type Waiting } from "./admission.ts";

const never: CopyPays = () => false;
const always: CopyPays = (_held, gained) => gained >= 3;

function free(index: number, tokens: readonly number[] = []): AdmissionLane {
	return { index, isFree: true, tokens, computed: tokens.length };
}
function busy(index: number, tokens: readonly number[], computed: number): AdmissionLane {
	return { index, isFree: false, tokens, computed };
}
function batch(...prompt: readonly number[]): Waiting {
	return { priority: "batch", prompt };
}
function live(...prompt: readonly number[]): Waiting {
	return { priority: "interactive", prompt };
}
const places = (admissions: readonly { waiting: Waiting; lane: AdmissionLane }[]) =>
	admissions.map(({ waiting, lane }) => [waiting.prompt[0], lane.index]);

describe("admission", () => {
	it("takes requests in order, each to the lane that holds most of its prompt", () => {
		const lanes = [free(0, [9, 9]), free(1, [5, 6, 7]), free(2)];
		expect(places(admit([batch(5, 6, 7, 8), batch(9, 9, 1), batch(1)], lanes, never))).toEqual([
			[5, 1],
			[9, 0],
			[1, 2],
		]);
	});

	it("fills the lowest of equal lanes, and spares what others may need", () => {
		expect(places(admit([batch(1, 2)], [free(0), free(1)], never))).toEqual([[1, 0]]);
		expect(places(admit([batch(1, 2)], [free(0, [7, 7, 7]), free(1)], never))).toEqual([[1, 1]]);
	});

	it("admits nobody where no lane is free", () => {
		expect(admit([batch(1), batch(2)], [busy(0, [1, 2], 2)], always)).toEqual([]);
	});

	it("always leaves the last token of a prompt to be computed", () => {
		expect(admit([batch(1, 2, 3)], [free(0, [1, 2, 3])], never)[0]?.shared).toBe(2);
	});

	it("copies a beginning from another lane where that pays", () => {
		const donor = busy(1, [1, 2, 3, 4, 5, 6], 6);
		const [admission] = admit([batch(1, 2, 3, 4, 9)], [free(0), donor], always);
		expect(admission).toMatchObject({ shared: 4, donor });
		expect(admit([batch(1, 2, 3, 4, 9)], [free(0), donor], never)[0]?.donor).toBeNull();
	});

	it("holds batch requests back while their beginning is being read, but no others and never live ones", () => {
		const reading = busy(2, [1, 2, 3, 4, 5, 6], 1);
		const lanes = [free(0), free(1), reading];
		expect(places(admit([batch(1, 2, 3, 4, 9), batch(7)], lanes, always))).toEqual([[7, 0]]);
		expect(places(admit([live(1, 2, 3, 4, 9)], lanes, always))).toEqual([[1, 0]]);
	});

	it("lets one of a family that arrives at once go ahead", () => {
		const family = [batch(1, 2, 3, 4, 5), batch(1, 2, 3, 4, 6), batch(1, 2, 3, 4, 7)];
		expect(admit(family, [free(0), free(1), free(2)], always)).toHaveLength(1);
	});

	it("gives no lane twice, and always gives one that is free", () => {
		const prompt = fc.array(fc.nat(2), { minLength: 1, maxLength: 5 });
		const waiting = fc.array(fc.record({ priority: fc.constantFrom("batch", "interactive"), prompt }));
		const lanes = fc.array(fc.record({ isFree: fc.boolean(), tokens: prompt, cut: fc.nat(5) })).map((list) =>
			list.map((lane, index) => ({
				...lane,
				index,
				computed: lane.isFree ? lane.tokens.length : Math.min(lane.cut, lane.tokens.length),
			})),
		);
		fc.assert(
			fc.property(waiting, lanes, (all, places) => {
				const admissions = admit(all, places, always);
				const used = admissions.map((admission) => admission.lane.index);
				expect(new Set(used).size).toBe(used.length);
				for (const { lane, waiting: one, shared } of admissions) {
					expect(lane.isFree).toBe(true);
					expect(shared).toBeLessThan(one.prompt.length);
				}
				const isServable = places.some((lane) => lane.isFree) && all.length > 0;
				const isReading = places.some((lane) => !lane.isFree && lane.computed < lane.tokens.length);
				if (isServable && !isReading) expect(admissions.length).toBeGreaterThan(0);
			}),
		);
	});
});
