import { expect, test } from "vitest";
import { createGates } from "./gates.ts";

test("gates tell how long they were closed, all times together, and when they last opened", async () => {
	let nowMs = 100;
	const gates = createGates({ nowMs: () => nowMs, monotonicMs: () => nowMs });
	expect(gates.freezing).toEqual({ isFrozen: false, frozenMs: 0, lastThawMs: null });
	await gates.close([], nowMs);
	nowMs += 30;
	// Closing closed gates changes nothing.
	await gates.close([], nowMs);
	nowMs += 20;
	expect(gates.freezing).toEqual({ isFrozen: true, frozenMs: 50, lastThawMs: null });
	await gates.open([]);
	nowMs += 1_000;
	await gates.open([]);
	expect(gates.freezing).toEqual({ isFrozen: false, frozenMs: 50, lastThawMs: 150 });
	await gates.close([], nowMs);
	nowMs += 5;
	expect(gates.freezing).toMatchObject({ isFrozen: true, frozenMs: 55 });
});
