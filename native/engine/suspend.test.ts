import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SUSPENDED_KEEP_MS } from "./create-residency.ts";
import { ask, createFakeMachine, hold, KEEP_MS, pass, quiet, sourceOf } from "./residency-testing.ts";

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
	vi.useRealTimers();
});

const NOTHING = { lanes: 0, lostTokens: 0, staying: 0 };

describe("batch work that is suspended", () => {
	test("gives all models back at once, tells its users, and counts what that costs", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		machine.frozenTokens.set("a", 100);
		(await hold(machine, "b", "interactive")).release();
		const batch = await hold(machine, "a", "batch");
		await machine.residency.closeGates(0);
		const suspended = machine.residency.suspend();
		expect([machine.residency.isSuspended, batch.leaving.aborted]).toEqual([true, true]);
		expect(await suspended).toEqual({ processes: 2, lanes: 1, lostTokens: 100, staying: 0 });
		expect(machine.residency.models).toEqual([]);
		expect(machine.events.slice(2)).toEqual(["stop b", "stop a"]);
		// What was frozen is lost, which is the suspend's to tell, and nobody else's again.
		expect(await machine.residency.openGates()).toEqual({ recomputedTokens: 0 });
	});

	test("waits for a model until it may have one again, and then has its lanes", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const { residency } = machine;
		(await hold(machine, "a", "batch")).release();
		await residency.suspend();
		const waiting = ask(residency, "a", "batch");
		await pass(machine, 10 * SUSPENDED_KEEP_MS);
		expect([waiting.held, residency.isFree(sourceOf("a")), residency.tryAcquire(sourceOf("a"))]).toEqual([
			null,
			false,
			null,
		]);
		residency.resume();
		await quiet();
		expect(residency.isSuspended).toBe(false);
		expect(waiting.held?.loaded.lanes).toBeGreaterThan(0);
		expect(waiting.held?.leaving.aborted).toBe(false);
	});

	test("gives up waiting when its owner does", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		await machine.residency.suspend();
		const giveUp = new AbortController();
		const waiting = ask(machine.residency, "a", "batch", giveUp.signal);
		giveUp.abort();
		await quiet();
		expect(waiting.failure).toBe("aborted");
	});

	test("has its load cancelled and keeps its place; who would not wait hears `aborted`", async () => {
		const machine = createFakeMachine({ mostModels: 1, isSlow: true });
		const { residency } = machine;
		const impatient = residency.tryAcquire(sourceOf("a"));
		const first = ask(residency, "a", "batch");
		const second = ask(residency, "b", "batch");
		await quiet();
		expect(await residency.suspend()).toMatchObject(NOTHING);
		expect(await impatient).toMatchObject({ error: { kind: "aborted" } });
		expect([machine.events, first.failure, second.failure]).toEqual([["load a", "stop a"], null, null]);
		residency.resume();
		await quiet();
		machine.finishLoads();
		await quiet();
		expect([first.held !== null, second.held]).toEqual([true, null]);
	});

	test("is ended whatever its process is doing: one that tells nothing is not waited for", async () => {
		const machine = createFakeMachine({ mostModels: 1, isDeaf: true });
		const batch = await hold(machine, "a", "batch");
		// A live request of another model has it frozen, which takes as long as its step does.
		const live = ask(machine.residency, "b", "interactive");
		await quiet();
		expect(machine.events).toEqual(["load a"]);
		const suspended = machine.residency.suspend();
		expect(batch.leaving.aborted).toBe(true);
		expect(await suspended).toMatchObject(NOTHING);
		await quiet();
		expect(live.held?.loaded.lanes).toBe(0);
		const other = createFakeMachine({ mostModels: 1, isDeaf: true });
		await hold(other, "a", "batch");
		const counting = other.residency.suspend();
		vi.advanceTimersByTime(200);
		expect(await counting).toMatchObject({ ...NOTHING, processes: 1 });
		expect(other.residency.models).toEqual([]);
	});

	test("is suspended once however often that is said, and anew after a resume", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		await hold(machine, "a", "batch");
		const first = machine.residency.suspend();
		expect(machine.residency.suspend()).toBe(first);
		expect(await machine.residency.suspend()).toMatchObject({ processes: 1 });
		machine.residency.resume();
		machine.residency.resume();
		await hold(machine, "a", "batch");
		expect(await machine.residency.suspend()).toMatchObject({ processes: 1 });
		expect(machine.events).toEqual(["load a", "stop a", "load a", "stop a"]);
	});

	test("ends for good when all is stopped meanwhile", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		await hold(machine, "a", "batch");
		const live = await hold(machine, "b", "interactive");
		const suspended = machine.residency.suspend();
		const waiting = ask(machine.residency, "a", "batch");
		await Promise.all([machine.residency.stop(), suspended, waiting.ended]);
		expect([waiting.failure, machine.gates(), vi.getTimerCount()]).toEqual(["aborted", {}, 0]);
		live.release();
		await machine.residency.suspend();
		machine.residency.resume();
		expect(machine.residency.tryAcquire(sourceOf("a"))).toBeNull();
	});
});

describe("a live request while batch work is suspended", () => {
	test("keeps its model for the owner where nobody else wants the memory, and gives it up once somebody does", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		await hold(machine, "a", "batch");
		await machine.residency.suspend("batch");
		const live = await hold(machine, "b", "interactive");
		live.release();
		await quiet();
		expect([machine.events, vi.getTimerCount()]).toEqual([["load a", "stop a", "load b, live only"], 0]);
		await machine.residency.suspend("batch");
		expect(machine.events).toHaveLength(3);
		expect(await machine.residency.suspend("all")).toMatchObject({ processes: 1 });
		expect(machine.events.at(-1)).toBe("stop b");
	});

	test("that came before batch work rests keeps a model that serves live requests alone", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		await hold(machine, "a", "batch");
		const live = await hold(machine, "b", "interactive");
		expect(await machine.residency.suspend("batch")).toMatchObject({ processes: 1, staying: 0 });
		live.release();
		await quiet();
		expect(machine.events).toEqual(["load a", "load b beside, live only", "stop a"]);
	});

	test("that was there keeps its model, in which batch work stands still, and takes it along when it ends", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		machine.frozenTokens.set("a", 100);
		const batch = await hold(machine, "a", "batch");
		const live = await hold(machine, "a", "interactive");
		expect(await machine.residency.suspend()).toEqual({ processes: 0, lanes: 1, lostTokens: 100, staying: 1 });
		expect([batch.leaving.aborted, live.leaving.aborted, machine.gates()]).toEqual([true, false, { a: "closed" }]);
		const waiting = ask(machine.residency, "a", "batch");
		live.release();
		await quiet();
		expect(machine.events).toEqual(["load a", "stop a"]);
		expect(await machine.residency.openGates()).toEqual({ recomputedTokens: 0 });
		machine.residency.resume();
		await quiet();
		expect(waiting.held).not.toBeNull();
	});

	test("that is still there when batch work comes back shares its model again", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const batch = await hold(machine, "a", "batch");
		const live = await hold(machine, "a", "interactive");
		await machine.residency.suspend();
		batch.release();
		machine.residency.resume();
		const again = await hold(machine, "a", "batch");
		expect([again.engine === live.engine, again.leaving.aborted, machine.gates()]).toEqual([
			true,
			false,
			{ a: "open" },
		]);
		live.release();
		await quiet();
		expect(machine.events).toEqual(["load a"]);
	});

	test("that waits for a load together with a batch gets the model alone", async () => {
		const machine = createFakeMachine({ mostModels: 1, isSlow: true });
		const batch = ask(machine.residency, "a", "batch");
		const live = ask(machine.residency, "a", "interactive");
		await quiet();
		expect(await machine.residency.suspend()).toMatchObject({ staying: 1 });
		machine.finishLoads();
		await quiet();
		expect([batch.held, live.held !== null]).toEqual([null, true]);
	});

	test("gets a model without lanes for batch work, which leaves soon after its last user", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		await machine.residency.suspend();
		const live = await hold(machine, "a", "interactive");
		expect(live.loaded.lanes).toBe(0);
		live.release();
		await pass(machine, SUSPENDED_KEEP_MS - 1);
		(await hold(machine, "a", "interactive")).release();
		await pass(machine, SUSPENDED_KEEP_MS - 1);
		expect(machine.events).toEqual(["load a, live only"]);
		await pass(machine, 1);
		expect(machine.events).toEqual(["load a, live only", "stop a"]);
		expect(vi.getTimerCount()).toBe(0);
	});

	test("leaves its model to nobody's batch: that is loaded anew with lanes for both", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		await machine.residency.suspend();
		const live = await hold(machine, "a", "interactive");
		const batch = ask(machine.residency, "a", "batch");
		machine.residency.resume();
		await quiet();
		expect(batch.held).toBeNull();
		live.release();
		await quiet();
		expect(batch.held?.loaded).toMatchObject({ lanes: 8, interactiveLanes: 1 });
		expect(machine.events).toEqual(["load a, live only", "stop a", "load a"]);
	});
});

describe("a batch's model that does not fit", () => {
	test("is waited for, in words, and tried again with growing patience; no error reaches the batch", async () => {
		const machine = createFakeMachine({ mostModels: 1, room: 0 });
		const batch = ask(machine.residency, "a", "batch");
		await quiet();
		const MINUTE_MS = 60_000;
		expect(machine.residency.shortOfMemory).toEqual({
			model: "a",
			attempts: 1,
			nextTryMs: MINUTE_MS,
			message: "too big",
		});
		expect(machine.residency.isFree(sourceOf("b"))).toBe(false);
		await pass(machine, MINUTE_MS - 1);
		expect(machine.events).toEqual(["load a", "stop a"]);
		await pass(machine, 1);
		expect(machine.residency.shortOfMemory).toMatchObject({ attempts: 2, nextTryMs: 3 * MINUTE_MS });
		expect([batch.held, batch.failure]).toEqual([null, null]);
	});

	test("is tried at once with fewer lanes where the owner settles for that, and comes with those that fit", async () => {
		let fitting = 0;
		const machine = createFakeMachine({ mostModels: 1, settleFor: "fewer-lanes", lanesFitting: () => fitting });
		const batch = ask(machine.residency, "a", "batch");
		await quiet();
		expect(machine.events).toEqual([...Array(4).fill("load a"), "stop a"]);
		fitting = 3;
		await pass(machine, 60_000);
		expect(batch.held?.loaded.lanes).toBe(2);
		expect(machine.residency.shortOfMemory).toBeNull();
	});

	test("is tried again before its time when batch work is resumed, or another model leaves", async () => {
		let fitting = 0;
		const machine = createFakeMachine({ mostModels: 1, lanesFitting: () => fitting });
		const { residency } = machine;
		const batch = ask(residency, "a", "batch");
		await quiet();
		await residency.suspend();
		residency.resume();
		await quiet();
		expect(residency.shortOfMemory).toMatchObject({ attempts: 2, nextTryMs: 120_000 });
		fitting = 8;
		(await hold(machine, "b", "interactive")).release();
		expect(machine.events.at(-1)).toBe("load b");
		// It takes b's place.
		(await hold(machine, "c", "interactive")).release();
		await pass(machine, KEEP_MS);
		expect(batch.held).not.toBeNull();
	});

	test("fails a live request for it at once, and shares it with the batch when that request has it", async () => {
		let fitting = 0;
		const machine = createFakeMachine({ mostModels: 1, lanesFitting: () => fitting });
		const batch = ask(machine.residency, "a", "batch");
		await quiet();
		const refused = ask(machine.residency, "a", "interactive");
		await quiet();
		expect(refused.failure).toBe("out-of-memory");
		expect(machine.residency.shortOfMemory).toMatchObject({ attempts: 1 });
		fitting = 8;
		await hold(machine, "a", "interactive");
		expect(batch.held).not.toBeNull();
		expect(machine.residency.shortOfMemory).toBeNull();
	});

	test("is told of too where it was there and can't come up again", async () => {
		const machine = createFakeMachine({ mostModels: 1 });
		const batch = await hold(machine, "a", "batch");
		machine.lackMemory("a");
		expect(machine.residency.shortOfMemory).toEqual({ model: "a", attempts: 2, nextTryMs: 2_000, message: "too big" });
		batch.release();
		expect(machine.residency.shortOfMemory).toBeNull();
	});

	test("is forgotten for a batch that gives up, but not tried sooner for the next", async () => {
		const machine = createFakeMachine({ mostModels: 1, room: 0 });
		const giveUp = new AbortController();
		const batch = ask(machine.residency, "a", "batch", giveUp.signal);
		await quiet();
		giveUp.abort();
		await quiet();
		expect([batch.failure, machine.residency.shortOfMemory]).toEqual(["aborted", null]);
		ask(machine.residency, "a", "batch");
		await quiet();
		expect(machine.residency.shortOfMemory).toMatchObject({ attempts: 1 });
		expect(machine.events).toEqual(["load a", "stop a"]);
	});

	test("that gives up while its load fails is not given the model later", async () => {
		const machine = createFakeMachine({ mostModels: 1, room: 0, isSlow: true });
		const giveUp = new AbortController();
		const batch = ask(machine.residency, "a", "batch", giveUp.signal);
		await quiet();
		machine.finishLoads();
		// The process is being ended: the batch waits neither in the queue nor for the load.
		while (!machine.residency.models.some(({ isLeaving }) => isLeaving)) await Promise.resolve();
		giveUp.abort();
		await quiet();
		expect([batch.failure, machine.residency.models]).toEqual(["aborted", []]);
		await pass(machine, 60_000);
		expect(machine.events).toEqual(["load a", "stop a"]);
	});
});

test("a share of the time holds for models that are there and for those to come", async () => {
	const machine = createFakeMachine({ mostModels: 2 });
	await hold(machine, "a", "batch");
	machine.residency.setBatchShare(0.5);
	await hold(machine, "b", "interactive");
	expect(machine.shares()).toEqual({ a: 0.5, b: 0.5 });
	machine.residency.setBatchShare(1);
	expect(machine.shares()).toEqual({ a: 1, b: 1 });
});
