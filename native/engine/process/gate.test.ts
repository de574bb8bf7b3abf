import { describe, expect, it } from "vitest";
import { systemClock } from "../../base/base.ts";
import { createGate, type Gate } from "./gate.ts";
import type { Priority } from "./turns.ts";

/** Everything due has run. */
const settled = async () => {
	for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
};

/** A piece of work that is in its turn until it is ended. */
function piece(gate: Gate, priority: Priority, heard: string[], name: string, signal?: AbortSignal) {
	const { promise, resolve: end } = Promise.withResolvers<void>();
	const done = gate.turn(
		priority,
		async () => {
			heard.push(name);
			await promise;
			return 5;
		},
		signal,
	);
	return { end, done };
}

describe("the gate", () => {
	it("gives one turn at a time, live work first", async () => {
		const gate = createGate(systemClock);
		const heard: string[] = [];
		const pieces = [piece(gate, "batch", heard, "a"), piece(gate, "batch", heard, "b")];
		await settled();
		pieces.push(piece(gate, "interactive", heard, "live"));
		await settled();
		expect(heard).toEqual(["a"]);
		for (const { end } of pieces) end();
		await Promise.all(pieces.map(({ done }) => done));
		expect(heard).toEqual(["a", "live", "b"]);
	});

	it("holds batch work back while it is closed, and live work never", async () => {
		const gate = createGate(systemClock);
		const heard: string[] = [];
		await gate.close(systemClock.monotonicMs());
		const batch = piece(gate, "batch", heard, "batch");
		const live = piece(gate, "interactive", heard, "live");
		await settled();
		live.end();
		await live.done;
		await settled();
		expect(heard).toEqual(["live"]);
		gate.open();
		batch.end();
		expect(await batch.done).toBe(true);
	});

	it("is closed only when the batch work in its turn has ended, and reports it; live work is not waited for", async () => {
		const gate = createGate(systemClock);
		const batch = piece(gate, "batch", [], "batch");
		await settled();
		const sinceMs = systemClock.monotonicMs();
		let isClosed = false;
		const closed = gate.close(sinceMs).finally(() => {
			isClosed = true;
		});
		await settled();
		expect(isClosed).toBe(false);
		batch.end();
		const report = await closed;
		expect(report).toMatchObject({ batchSteps: 1, batchTokens: 5 });
		expect(report.lastStepMs).toBeGreaterThan(0);
		piece(gate, "interactive", [], "live");
		await settled();
		expect(await gate.close(systemClock.monotonicMs())).toEqual({ batchSteps: 0, batchTokens: 0, lastStepMs: 0 });
		expect(await gate.close(sinceMs)).toEqual(report);
	});

	it("hears that it is to close before the next batch step begins", async () => {
		const gate = createGate(systemClock);
		const heard: string[] = [];
		const batch = piece(gate, "batch", heard, "batch");
		// Its turn has come, but it has not begun.
		expect(await gate.close(systemClock.monotonicMs())).toMatchObject({ batchSteps: 0 });
		await settled();
		expect(heard).toEqual([]);
		gate.open();
		batch.end();
		await batch.done;
		expect(heard).toEqual(["batch"]);
	});

	it("tells batch work in its turn to stop where it can, once the gate closes or live work waits", async () => {
		const gate = createGate(systemClock);
		const asked: boolean[] = [];
		await gate.turn("batch", async (mayGoOn) => {
			asked.push(mayGoOn());
			const live = gate.turn("interactive", async (liveMayGoOn) => {
				asked.push(liveMayGoOn());
				return 1;
			});
			asked.push(mayGoOn());
			void live;
			return null;
		});
		await settled();
		expect(asked).toEqual([true, false, true]);
	});

	it("lets go of who waits for it to close when it is opened again", async () => {
		const gate = createGate(systemClock);
		const batch = piece(gate, "batch", [], "batch");
		await settled();
		const closed = gate.close(systemClock.monotonicMs());
		gate.open();
		expect(await closed).toMatchObject({ batchSteps: 0 });
		batch.end();
	});

	it("lets go of who no longer wants a turn, and of others behind", async () => {
		const gate = createGate(systemClock);
		const heard: string[] = [];
		await gate.close(systemClock.monotonicMs());
		const controller = new AbortController();
		const given = piece(gate, "batch", heard, "given up", controller.signal);
		const other = piece(gate, "batch", heard, "other");
		controller.abort();
		expect(await given.done).toBe(false);
		gate.open();
		other.end();
		await other.done;
		expect(heard).toEqual(["other"]);
		expect(await piece(gate, "batch", heard, "too late", controller.signal).done).toBe(false);
	});
});
