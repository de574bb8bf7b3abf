import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Connection } from "../door/door.ts";
import { LOOPBACK, openDoor, type TestDoor } from "../door/testing.ts";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import { type CallerDeps, type CallOutcome, createCaller } from "./caller.ts";
import { transportLimits } from "./limits.ts";
import { callNode } from "./raw-testing.ts";

beforeEach(() => {
	forgetMachines();
	vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

/** A caller whose dials are counted and come to nothing, with pauses at their longest. */
function counted(deps: Partial<CallerDeps> = {}) {
	const dialled: { readonly host: string; readonly atMs: number }[] = [];
	const beganMs = Date.now();
	const caller = createCaller({
		limits: transportLimits,
		clock: { nowMs: Date.now, monotonicMs: Date.now },
		random: () => 0.999_999,
		isMissed: () => true,
		async dial(_, { host }) {
			// A pause of nothing takes a millisecond, and there are some.
			dialled.push({ host, atMs: Math.round((Date.now() - beganMs) / 50) * 50 });
			return null;
		},
		openLink: async () => "failed",
		...deps,
	});
	return { caller, dialled, timesS: () => dialled.map(({ atMs }) => Math.round(atMs / 1_000)) };
}

const address = (host: string) => ({ host, port: 1 });

test("a machine that does not answer is called ever more seldom, in the end once a minute", async () => {
	const { caller, timesS } = counted();
	caller.know("A", [address("one")]);
	await vi.advanceTimersByTimeAsync(300_000);
	expect(timesS()).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
	caller.stop();
	await vi.advanceTimersByTimeAsync(300_000);
	expect(timesS()).toHaveLength(10);
});

test("pauses differ by chance, by half at most", async () => {
	const { caller, dialled } = counted({ random: () => 0 });
	caller.know("A", [address("one")]);
	await vi.advanceTimersByTimeAsync(20_000);
	expect(dialled.map(({ atMs }) => atMs)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500]);
	caller.stop();
});

test("all addresses are tried in each round, one shortly after the other", async () => {
	const { caller, dialled } = counted({ random: () => 0 });
	caller.know("A", [address("one"), address("two"), address("three")]);
	await vi.advanceTimersByTimeAsync(1_200);
	const atMs = dialled.map(({ host, atMs: at }) => `${host} ${at}`);
	expect(atMs).toEqual(["one 0", "two 250", "three 500", "one 1000"]);
	caller.stop();
});

test("new addresses are tried within a second, a nudge at once, and neither more often than that", async () => {
	const { caller, timesS, dialled } = counted();
	caller.know("A", [address("one")]);
	await vi.advanceTimersByTimeAsync(70_000);
	const before = timesS().length;
	caller.know("A", [address("one")]);
	await vi.advanceTimersByTimeAsync(2_000);
	expect(timesS()).toHaveLength(before);
	for (let times = 0; times < 50; times += 1) caller.know("A", [address(`made-up-${times}`)]);
	await vi.advanceTimersByTimeAsync(1_100);
	expect(timesS()).toHaveLength(before + 1);
	caller.nudge();
	await vi.advanceTimersByTimeAsync(10);
	expect(timesS()).toHaveLength(before + 2);
	expect(dialled.at(-1)?.host).toBe("made-up-49");
	caller.stop();
});

test("who is no member, or has a link, is not called, until that changes", async () => {
	let isMissed = false;
	const { caller, timesS } = counted({ isMissed: () => isMissed });
	caller.know("A", [address("one")]);
	await vi.advanceTimersByTimeAsync(10_000);
	expect(timesS()).toEqual([]);
	isMissed = true;
	caller.noteDown("A", 60_000);
	await vi.advanceTimersByTimeAsync(300);
	expect(timesS()).toEqual([10]);
	isMissed = false;
	await vi.advanceTimersByTimeAsync(60_000);
	expect(timesS()).toHaveLength(1);
	caller.stop();
});

/** Connections to a door, made before time stands still. */
async function connectionsTo(door: TestDoor, count: number): Promise<Connection[]> {
	vi.useRealTimers();
	const there = await testMachine();
	door.members.add(there.deviceId);
	const calls = await Promise.all(Array.from({ length: count }, () => callNode(there, door.port)));
	vi.useFakeTimers();
	return calls;
}

test("of addresses that answer the first is taken, and a link that lasted a moment is not called back in a hurry", async () => {
	vi.useRealTimers();
	await using door = await openDoor(await testMachine());
	const [first, second, third] = await connectionsTo(door, 3);
	if (first === undefined || second === undefined || third === undefined) throw new Error("Three were made");
	const opened: string[] = [];
	const outcomes: CallOutcome[] = ["refused", "linked"];
	let isMissed = true;
	const { caller, dialled } = counted({
		random: () => 0,
		isMissed: () => isMissed,
		dial(_, { host }) {
			dialled.push({ host, atMs: Date.now() });
			const delayMs = host === "slow" ? 300 : 260;
			const connection = dialled.length > 2 ? third : host === "slow" ? first : second;
			return new Promise((resolve) => setTimeout(() => resolve(connection), delayMs));
		},
		async openLink({ socket }, { host }) {
			opened.push(`${host} ${socket.destroyed}`);
			const outcome = outcomes.shift() ?? "failed";
			isMissed = outcome !== "linked";
			return outcome;
		},
	});
	caller.know("A", [address("slow"), { host: LOOPBACK, port: door.port }]);
	await vi.advanceTimersByTimeAsync(1_000);
	expect(opened).toEqual(["slow false"]);
	// The other answered too late to be of use.
	expect([first.socket.destroyed, second.socket.destroyed]).toEqual([false, true]);
	// Refused: not again within half a minute.
	await vi.advanceTimersByTimeAsync(28_000);
	expect(dialled).toHaveLength(2);
	await vi.advanceTimersByTimeAsync(3_000);
	expect(opened).toEqual(["slow false", "slow false"]);
	const before = dialled.length;
	isMissed = true;
	caller.noteDown("A", 10);
	await vi.advanceTimersByTimeAsync(20_000);
	expect(dialled).toHaveLength(before);
	caller.stop();
	for (const { socket } of [first, second, third]) socket.destroy();
	vi.useRealTimers();
});
