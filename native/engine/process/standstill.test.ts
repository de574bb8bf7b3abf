import { describe, expect, it } from "vitest";
import { createStandstill } from "./standstill.ts";

const lane = (strand: object | null, position: number): { strand: object | null; position: number } => ({
	strand,
	position,
});

describe("lanes at a standstill", () => {
	it("are counted with what they hold, the free ones left out", () => {
		const standstill = createStandstill([lane({}, 70), lane(null, 500), lane({}, 5)]);
		expect(standstill.freeze()).toEqual({ frozenLanes: 2, frozenTokens: 75 });
		expect(standstill.thaw()).toEqual({ recomputedTokens: 0 });
	});

	it("owe what they hold no more, also when they were looked at twice", () => {
		const shorter = lane({}, 70);
		const standstill = createStandstill([shorter, lane({}, 5)]);
		standstill.freeze();
		shorter.position = 20;
		expect(standstill.freeze()).toEqual({ frozenLanes: 2, frozenTokens: 25 });
		expect(standstill.thaw()).toEqual({ recomputedTokens: 50 });
		expect(standstill.thaw()).toEqual({ recomputedTokens: 0 });
	});

	it("can be looked at while they move, which notes nothing", () => {
		const moving = lane({}, 70);
		const standstill = createStandstill([moving, lane(null, 9)]);
		expect(standstill.look()).toEqual({ frozenLanes: 1, frozenTokens: 70 });
		moving.position = 20;
		expect(standstill.thaw()).toEqual({ recomputedTokens: 0 });
	});

	it("owe nothing for work that was given up meanwhile", () => {
		const [given, other] = [lane({}, 70), lane({}, 30)];
		const standstill = createStandstill([given, other]);
		standstill.freeze();
		given.strand = null;
		other.strand = {};
		other.position = 0;
		expect(standstill.thaw()).toEqual({ recomputedTokens: 0 });
	});
});
