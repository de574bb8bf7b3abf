import { expect, test } from "vitest";
import { formatSeconds } from "./figures.ts";

test("a line's time has as many figures as tell something", () => {
	expect(formatSeconds(0.134)).toMatch(/^0[.,]13 s$/);
	expect(formatSeconds(4)).toBe("4 s");
	expect(formatSeconds(41.26)).toMatch(/^41[.,]3 s$/);
	expect(formatSeconds(90)).toBe("2 min");
});
