import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ModelUse } from "./residency.ts";
import { type Asked, ask, createFakeMachine, hold, KEEP_MS, pass, quiet, sourceOf } from "./residency-testing.ts";

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
	vi.useRealTimers();
});

describe("users of batches", () => {
	test("share one model, loaded once", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const first = await hold(machine, "a", "batch");
		const second = await hold(machine, "a", "batch");
		expect(first.engine).toBe(second.engine);
		expect(machine.events).toEqual(["load a"]);
	});

	test("of another model wait until the last one is done, also where both would fit", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		const first = await hold(machine, "a", "batch");
		const second = await hold(machine, "a", "batch");
		const other = ask(machine.residency, "b", "batch");
		first.release();
		await quiet();
		expect(other.held).toBeNull();
		second.release();
		await quiet();
		expect(other.held?.loaded.source.name).toBe("b");
		expect(machine.events).toEqual(["load a", "stop a", "load b"]);
	});

	test("are served in the order they came: who waits for another model is not overtaken by users of the loaded one", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const first = await hold(machine, "a", "batch");
		const other = ask(machine.residency, "b", "batch");
		const latecomer = ask(machine.residency, "a", "batch");
		first.release();
		await quiet();
		expect(latecomer.held).toBeNull();
		other.held?.release();
		await quiet();
		expect(latecomer.held).not.toBeNull();
		expect(machine.events).toEqual(["load a", "stop a", "load b", "stop b", "load a"]);
	});

	test("who would not wait are refused while another model is in use or waited for", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const { residency } = machine;
		const first = await hold(machine, "a", "batch");
		expect(residency.tryAcquire(sourceOf("b"))).toBeNull();
		expect(await residency.tryAcquire(sourceOf("a"))).toMatchObject({ ok: true });
		ask(residency, "b", "batch");
		expect(residency.isFree(sourceOf("a"))).toBe(false);
		expect(residency.tryAcquire(sourceOf("a"))).toBeNull();
		first.release();
	});

	test("hear why a model can't be loaded, which leaves the memory free; releasing twice counts once", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const broken = ask(machine.residency, "broken", "batch");
		await quiet();
		expect(broken.failure).toBe("not-a-model");
		expect(machine.residency.models).toEqual([]);
		const first = await hold(machine, "a", "batch");
		const second = await hold(machine, "a", "batch");
		first.release();
		first.release();
		expect(machine.residency.isFree(sourceOf("b"))).toBe(false);
		second.release();
		expect(machine.residency.isFree(sourceOf("b"))).toBe(true);
	});

	test("don't suffer from a process killed while it loads, but one that always dies is given up", async () => {
		const unlucky = createFakeMachine({ mostModels: 1, deaths: 3 });
		await hold(unlucky, "a", "batch");
		expect(unlucky.events).toHaveLength(4);
		const hopeless = createFakeMachine({ mostModels: 1, deaths: 100 });
		const asked = ask(hopeless.residency, "a", "batch");
		await quiet();
		expect(asked.failure).toBe("process-died");
		expect(hopeless.events).toEqual([...Array(5).fill("load a"), "stop a"]);
	});

	test("get a model that gave up loaded anew", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const first = await hold(machine, "a", "batch");
		machine.breakDown("a");
		expect(machine.residency.models).toMatchObject([{ state: { kind: "failed" } }]);
		const second = await hold(machine, "a", "batch");
		expect(first.leaving.aborted).toBe(true);
		expect(second.engine).not.toBe(first.engine);
	});
});

describe("a live request", () => {
	test("shares the batch's model, and neither disturbs the other", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const batch = await hold(machine, "a", "batch");
		const live = await hold(machine, "a", "interactive");
		expect(live.engine).toBe(batch.engine);
		expect(machine.residency.models).toMatchObject([{ batchUsers: 1, interactiveUsers: 1, isLeaving: false }]);
		live.release();
		expect(batch.leaving.aborted).toBe(false);
	});

	test("gets a small place beside the batch's model where that fits", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		const batch = await hold(machine, "a", "batch");
		await hold(machine, "b", "interactive");
		expect(batch.leaving.aborted).toBe(false);
		expect(machine.events).toEqual(["load a", "load b beside, live only"]);
	});

	test.each([
		["only one model may be in memory", { mostModels: 1 }, ["load a", "stop a", "load b", "stop b", "load a"]],
		[
			"the second does not fit",
			{ mostModels: 2, room: 1 },
			[
				...["load a", "load b beside, live only", "stop b", "stop a", "load b"],
				...["load a beside", "stop a", "stop b", "load a"],
			],
		],
	])("makes the batch's model leave where %s; it comes back after a quiet time", async (_why, options, events) => {
		const machine = createFakeMachine(options);
		const batch = await hold(machine, "a", "batch");
		const live = await hold(machine, "b", "interactive");
		expect(batch.leaving.aborted).toBe(true);
		expect(live.leaving.aborted).toBe(false);
		batch.release();
		const again = ask(machine.residency, "a", "batch");
		live.release();
		await quiet();
		await pass(machine, KEEP_MS - 1);
		expect(again.held).toBeNull();
		await pass(machine, 1);
		expect(again.held).not.toBeNull();
		expect(machine.events).toEqual(events);
	});

	test("does not wait for a batch's model that is being loaded, and the batch keeps its place", async () => {
		const machine = createFakeMachine({ mostModels: 2, isSlow: true });
		const batch = ask(machine.residency, "a", "batch");
		const next = ask(machine.residency, "c", "batch");
		await quiet();
		const live = ask(machine.residency, "b", "interactive");
		await quiet();
		machine.finishLoads();
		await quiet();
		expect(live.held).not.toBeNull();
		machine.finishLoads();
		await quiet();
		expect([batch.held !== null, next.held]).toEqual([true, null]);
		expect(machine.events).toEqual(["load a", "stop a", "load b", "load a beside"]);
	});

	test("takes the place of an idle model before it disturbs a batch", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		const batch = await hold(machine, "a", "batch");
		(await hold(machine, "b", "interactive")).release();
		await hold(machine, "c", "interactive");
		expect(batch.leaving.aborted).toBe(false);
		expect(machine.events.slice(2)).toEqual(["stop b", "load c beside, live only"]);
	});

	test("never throws another out: they take turns in the order they came", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const first = await hold(machine, "a", "interactive");
		const second = ask(machine.residency, "b", "interactive");
		const third = ask(machine.residency, "a", "interactive");
		await quiet();
		expect([second.held, third.held, first.leaving.aborted]).toEqual([null, null, false]);
		first.release();
		await quiet();
		expect([second.held?.leaving.aborted, third.held]).toEqual([false, null]);
		second.held?.release();
		await quiet();
		expect(third.held).not.toBeNull();
		expect(machine.events).toEqual(["load a", "stop a", "load b", "stop b", "load a"]);
	});

	test("goes before batches that wait longer", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const first = await hold(machine, "a", "interactive");
		const batch = ask(machine.residency, "b", "batch");
		const live = ask(machine.residency, "c", "interactive");
		first.release();
		await quiet();
		expect([batch.held, live.held !== null]).toEqual([null, true]);
	});

	test("that gives up leaves its load to those who wait with it, and ends in no place of the queue", async () => {
		const machine = createFakeMachine({ mostModels: 1, isSlow: true });
		const giveUp = new AbortController();
		const first = ask(machine.residency, "a", "interactive", giveUp.signal);
		const second = ask(machine.residency, "a", "interactive");
		const queued = ask(machine.residency, "b", "interactive", giveUp.signal);
		giveUp.abort();
		machine.finishLoads();
		await quiet();
		expect([first.failure, second.held !== null, queued.failure]).toEqual(["aborted", true, "aborted"]);
		expect(await machine.residency.acquire(sourceOf("a"), "interactive", giveUp.signal)).toMatchObject({ ok: false });
		expect(machine.residency.models).toMatchObject([{ interactiveUsers: 1 }]);
		expect(machine.events).toEqual(["load a"]);
	});

	test("is a mistake of the caller where models have no lanes for it", async () => {
		const { residency } = createFakeMachine({ mostModels: 1, load: { interactiveLanes: 0 } });
		await expect(residency.acquire(sourceOf("a"), "interactive")).rejects.toThrow(/without lanes for live requests/);
	});
});

describe("a batch after live requests", () => {
	test("is loaded with its lanes beside a model that was just talked to", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		await hold(machine, "b", "interactive");
		await hold(machine, "a", "batch");
		expect(machine.events).toEqual(["load b", "load a beside"]);
	});

	test("loads its own model again with batch lanes when it is there for live requests only", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		const other = await hold(machine, "a", "batch");
		const live = await hold(machine, "b", "interactive");
		const batch = ask(machine.residency, "b", "batch");
		other.release();
		await quiet();
		expect(batch.held).toBeNull();
		live.release();
		await quiet();
		expect(batch.held?.loaded.lanes).toBeGreaterThan(0);
		expect(machine.events.slice(2)).toEqual(["stop b", "stop a", "load b"]);
	});

	test("who would not wait hears `aborted` when it turns out too big, and is not asked again until room is made", async () => {
		const machine = createFakeMachine({ mostModels: 2, room: 1 });
		const live = await hold(machine, "b", "interactive");
		expect(machine.residency.isFree(sourceOf("a"))).toBe(true);
		expect(await machine.residency.tryAcquire(sourceOf("a"))).toMatchObject({ error: { kind: "aborted" } });
		expect(machine.residency.isFree(sourceOf("a"))).toBe(false);
		live.release();
		machine.pass(KEEP_MS);
		expect(await machine.residency.tryAcquire(sourceOf("a"))).toMatchObject({ ok: true });
	});

	test("loads nothing while the gates are closed, but shares what is there", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		await hold(machine, "a", "interactive");
		await machine.residency.closeGates(0);
		(await hold(machine, "a", "batch")).release();
		const other = ask(machine.residency, "b", "batch");
		await pass(machine, 10 * KEEP_MS);
		expect(other.held).toBeNull();
		expect(machine.residency.isFree(sourceOf("b"))).toBe(false);
		await machine.residency.openGates();
		await quiet();
		expect(other.held).not.toBeNull();
	});
});

describe("the gates", () => {
	test("are one for all models, those to come included, and their reports are summed", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		machine.frozenTokens.set("a", 100).set("b", 20);
		await hold(machine, "a", "batch");
		await hold(machine, "b", "interactive");
		expect(await machine.residency.closeGates(0)).toEqual({
			batchSteps: 2,
			batchTokens: 4,
			lastStepMs: 100,
			frozenLanes: 2,
			frozenTokens: 120,
		});
		expect(machine.gates()).toEqual({ a: "closed", b: "closed" });
		await hold(machine, "c", "interactive");
		expect(machine.gates()).toEqual({ b: "closed", c: "closed" });
		await machine.residency.openGates();
		expect(machine.gates()).toEqual({ b: "open", c: "open" });
	});

	test("count what a batch lost when its model had to leave, once", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		machine.frozenTokens.set("a", 100);
		await hold(machine, "a", "batch");
		await machine.residency.closeGates(0);
		const live = await hold(machine, "b", "interactive");
		expect(machine.gates()).toEqual({ b: "closed" });
		live.release();
		expect(await machine.residency.openGates()).toEqual({ recomputedTokens: 100 });
		expect(await machine.residency.openGates()).toEqual({ recomputedTokens: 0 });
	});
});

describe("stopping", () => {
	test("ends what is held, what is loading and what waits, and lets nobody in after", async () => {
		const machine = createFakeMachine({ mostModels: 2, isSlow: true });
		const { residency } = machine;
		const batch = ask(residency, "a", "batch");
		machine.finishLoads();
		await quiet();
		const loading = ask(residency, "b", "interactive");
		const waiting = ask(residency, "c", "interactive");
		await quiet();
		await residency.stop();
		await Promise.all([loading.ended, waiting.ended]);
		expect([batch.held?.leaving.aborted, loading.failure, waiting.failure]).toEqual([true, "aborted", "aborted"]);
		expect([residency.models, machine.gates()]).toEqual([[], {}]);
		expect(await residency.acquire(sourceOf("a"), "batch")).toEqual({ ok: false, error: { kind: "aborted" } });
		expect(residency.tryAcquire(sourceOf("a"))).toBeNull();
		batch.held?.release();
		await residency.stop();
	});

	test("leaves nothing behind in the middle of a swap", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		machine.frozenTokens.set("a", 1);
		await hold(machine, "a", "batch");
		const live = ask(machine.residency, "b", "interactive");
		await machine.residency.stop();
		await live.ended;
		expect([live.failure, machine.gates(), machine.residency.models]).toEqual(["aborted", {}, []]);
	});
});

test("whatever comes in whatever order, live users keep their model, memory is never overfilled and all are served", async () => {
	const name = fc.constantFrom("a", "b", "c");
	const act = fc.oneof(
		fc.record({ kind: fc.constant("ask" as const), name, use: fc.constantFrom<ModelUse>("batch", "interactive") }),
		fc.record({ kind: fc.constant("release" as const), which: fc.nat(5) }),
		fc.record({ kind: fc.constant("give up" as const), which: fc.nat(5) }),
		fc.record({ kind: fc.constantFrom("finish" as const, "close" as const, "open" as const, "pass" as const) }),
		fc.record({ kind: fc.constantFrom("suspend" as const, "resume" as const) }),
	);
	const shape = fc.record({ mostModels: fc.constantFrom(1, 2), room: fc.constantFrom(1, 2), isSlow: fc.boolean() });
	await fc.assert(
		fc.asyncProperty(shape, fc.array(act, { maxLength: 30 }), async (options, acts) => {
			const machine = createFakeMachine(options);
			const { residency } = machine;
			const users: { asked: Asked; use: ModelUse; giveUp: AbortController }[] = [];
			const isServed = ({ asked }: (typeof users)[number]) => asked.held !== null || asked.failure !== null;
			const releaseCalledBack = () => {
				for (const { asked } of users) if (asked.held?.leaving.aborted) asked.held.release();
			};
			const released = new Set<Asked>();
			for (const one of acts) {
				if (one.kind === "ask") {
					const giveUp = new AbortController();
					users.push({ asked: ask(residency, one.name, one.use, giveUp.signal), use: one.use, giveUp });
				} else if (one.kind === "release" || one.kind === "give up") {
					const user = users[one.which];
					if (one.kind === "give up") user?.giveUp.abort();
					else if (user) {
						user.asked.held?.release();
						if (user.asked.held) released.add(user.asked);
					}
				} else if (one.kind === "finish") machine.finishLoads();
				else if (one.kind === "close") await residency.closeGates(0);
				else if (one.kind === "open") await residency.openGates();
				else if (one.kind === "suspend") await residency.suspend();
				else if (one.kind === "resume") residency.resume();
				else await pass(machine, KEEP_MS);
				await quiet();
				releaseCalledBack();
				for (const { batchUsers, interactiveUsers, state } of residency.isSuspended ? residency.models : []) {
					expect(batchUsers, "while batch work is suspended").toBe(0);
					if (state.kind === "ready" && state.model.lanes > 0) expect(interactiveUsers).toBeGreaterThan(0);
				}
				for (const { asked, use } of users) {
					if (use !== "interactive" || asked.held === null || released.has(asked)) continue;
					expect(asked.held.engine.state.kind, "of a model a live user holds").toBe("ready");
				}
			}
			await residency.openGates();
			residency.resume();
			for (let round = 0; round < 4 * users.length && !users.every(isServed); round++) {
				for (const { asked } of users) asked.held?.release();
				machine.finishLoads();
				await pass(machine, KEEP_MS);
			}
			expect(users.filter((user) => !isServed(user))).toEqual([]);
			await residency.stop();
			expect(machine.gates()).toEqual({});
		}),
		{ numRuns: 300 },
	);
});
