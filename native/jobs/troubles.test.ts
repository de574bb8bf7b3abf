import { expect, test } from "vitest";
import { createTroubles } from "./troubles.ts";

test("a batch that fails lets others go first, longer each time, until it works again", () => {
	let nowMs = 0;
	const troubles = createTroubles({ nowMs: () => nowMs, monotonicMs: () => nowMs });
	troubles.failed("a", "the model is gone");
	expect(troubles.message("a")).toBe("the model is gone");
	expect(troubles.isResting("a")).toBe(true);
	expect(troubles.isResting("b")).toBe(false);
	nowMs += 60_000;
	expect(troubles.isResting("a")).toBe(false);
	troubles.failed("a", "still gone");
	nowMs += 60_000;
	expect(troubles.isResting("a")).toBe(true);
	troubles.mended("a");
	expect(troubles.isResting("a")).toBe(false);
	expect(troubles.message("a")).toBeNull();
});

test("batches that are over are forgotten", () => {
	const troubles = createTroubles({ nowMs: () => 0, monotonicMs: () => 0 });
	troubles.tell("a", "disk full");
	troubles.failed("b", "no model");
	troubles.keep(new Set(["b"]));
	expect(troubles.message("a")).toBeNull();
	expect(troubles.message("b")).toBe("no model");
});
