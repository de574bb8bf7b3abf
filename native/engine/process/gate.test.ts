import { describe, expect, it } from "vitest";
import { createGate } from "./gate.ts";

/** Closes the gate and tells, once everything due has run, whether that is done. */
async function isClosedAtOnce(gate: ReturnType<typeof createGate>): Promise<boolean> {
	let closed = false;
	void gate.close().then(() => {
		closed = true;
	});
	await new Promise((resolve) => setImmediate(resolve));
	return closed;
}

describe("the gate", () => {
	it("holds batch work back while it is closed, and live work never", async () => {
		const gate = createGate();
		expect([gate.lets("batch"), gate.lets("interactive")]).toEqual([true, true]);
		await gate.close();
		expect([gate.lets("batch"), gate.lets("interactive")]).toEqual([false, true]);
		gate.open();
		expect(gate.lets("batch")).toBe(true);
	});

	it("is closed only when the batch step in flight has ended; a live step is not waited for", async () => {
		const gate = createGate();
		gate.stepBegins(true);
		expect(await isClosedAtOnce(gate)).toBe(false);
		const closed = gate.close();
		gate.stepEnds();
		await closed;
		gate.stepBegins(false);
		expect(await isClosedAtOnce(gate)).toBe(true);
	});

	it("lets go of who waits for it to close when it is opened again", async () => {
		const gate = createGate();
		gate.stepBegins(true);
		const closed = gate.close();
		gate.open();
		await closed;
		expect(gate.lets("batch")).toBe(true);
	});
});
