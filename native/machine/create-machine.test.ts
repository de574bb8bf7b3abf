import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Clock, err, type Log, ok } from "../base/base.ts";
import { type MachineSnapshot, machineSnapshotSchema } from "../contract/contract.ts";
import { createMachine } from "./create-machine.ts";
import type { Machine } from "./machine.ts";
import type { Source } from "./source.ts";
import { type FakeSource, fakeSource, sampleGpu, sampleProcess } from "./source-testing.ts";

const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => Date.now() };
const OURS = 4_000_100;

let said: string[];
let running: number[];
let programs: string[];
let machine: Machine;

beforeEach(() => {
	vi.useFakeTimers({ now: Date.UTC(2026, 10, 21) });
	said = [];
	running = [];
	programs = [];
});
afterEach(async () => {
	const stopped = machine.stop();
	await vi.advanceTimersByTimeAsync(10_000);
	await stopped;
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function build(...sources: readonly Source[]): Machine {
	const tell = (level: string) => (_fields: object, message: string) => void said.push(`${level}: ${message}`);
	const log: Log = { debug: tell("debug"), info: tell("info"), warn: tell("warn"), error: tell("error") };
	machine = createMachine({
		clock,
		log,
		sources,
		inferenceProcessIds: () => running,
		programs: () => programs,
		nameOf: (pid) => `named ${pid}`,
	});
	return machine;
}

const timesLooked = (source: FakeSource) => source.questions.length;
const sourceState = (name: string) => machine.snapshot.sources.find((source) => source.name === name);
/** What the log says but for the shell, which no test but its own has. */
const saidOfSources = () => said.filter((line) => !line.includes("the desktop program"));

describe("the snapshot", () => {
	test("before the first look has all unknown, and takes somebody to be there", () => {
		const { snapshot } = build(fakeSource("Test", { supply: "mains" }));
		expect(machineSnapshotSchema.parse(snapshot)).toEqual(snapshot);
		expect(snapshot).toMatchObject({
			gpus: [],
			cpu: { totalFraction: null, oursFraction: null, othersFraction: null },
			power: { supply: null, batteryFraction: null },
			user: { hasDesktop: true, idleMs: null, isLocked: null, foreground: null },
			sources: [],
		});
	});

	test("is what the sources told, best first, with our own use set apart", async () => {
		running = [OURS];
		const processes = [
			sampleProcess(OURS, { memoryBytes: 6e9, busyFraction: 0.5 }),
			sampleProcess(7, { name: null, memoryBytes: 1e9, busyFraction: 0.25 }),
		];
		const better = fakeSource("Better", { gpus: [sampleGpu({ usedBytes: 8e9, busyFraction: 0.75, processes })] });
		const worse = fakeSource("Worse", {
			gpus: [sampleGpu({ usedBytes: 1, powerWatts: 200 })],
			cpu: { totalFraction: 0.5 },
			ownCpuFraction: 0.125,
			memory: { totalBytes: 32e9, availableBytes: 20e9 },
		});
		const snapshot = await build(better, worse).look();
		expect(machineSnapshotSchema.parse(snapshot)).toEqual(snapshot);
		expect(snapshot.gpus).toMatchObject([
			{
				memory: { usedBytes: 8e9, oursBytes: 6e9, othersBytes: 2e9 },
				busy: { totalFraction: 0.75, oursFraction: 0.5, othersFraction: 0.25 },
				powerWatts: 200,
				source: "Better",
			},
		]);
		expect(snapshot.gpus[0]?.processes?.map(({ name, isOurs }) => [name, isOurs])).toEqual([
			[`program ${OURS}`, true],
			["named 7", false],
		]);
		expect(snapshot.cpu).toMatchObject({ totalFraction: 0.5, oursFraction: 0.125, othersFraction: 0.375 });
		expect(snapshot.memory).toMatchObject({ totalBytes: 32e9, availableBytes: 20e9 });
		expect(better.questions[0]).toMatchObject({
			ownProcessIds: [process.pid, OURS],
			inferenceProcessIds: [OURS],
		});
	});

	test("does not blame others for what a process of ours used that ended meanwhile", async () => {
		const gpus = [sampleGpu({ usedBytes: 8e9, processes: [sampleProcess(OURS, { memoryBytes: 6e9 })] })];
		const source = fakeSource("Test", { gpus, cpu: { totalFraction: 0.9 }, ownCpuFraction: 0.8 });
		running = [OURS];
		const busy = await build(source).look();
		running = [];
		source.answer = () =>
			ok({ gpus: [sampleGpu({ usedBytes: 8e9, processes: [] })], cpu: { totalFraction: 0.9 }, ownCpuFraction: 0 });
		const ended = await machine.look();
		source.answer = () =>
			ok({ gpus: [sampleGpu({ usedBytes: 2e9, processes: [] })], cpu: { totalFraction: 0.1 }, ownCpuFraction: 0 });
		const after = await machine.look();
		const others = ({ gpus: [gpu], cpu }: MachineSnapshot) => [gpu?.memory.othersBytes, cpu.othersFraction];
		expect(others(busy)).toEqual([2e9, expect.closeTo(0.1, 9)]);
		expect(others(ended)).toEqual([null, null]);
		expect(others(after)).toEqual([2e9, 0.1]);
	});

	test("names only those programs that run and that somebody wants to know of, however they are spelled", async () => {
		programs = ["OBS.exe", "steam", "obs"];
		const source = fakeSource("Test", { programs: ["obs", "explorer"] });
		const { programs: found } = await build(source).look();
		expect(found).toEqual(["obs"]);
		expect(source.questions[0]?.programs).toEqual(["obs", "steam"]);
	});

	test("has what the shell says before what all sources say, and for half a minute only", async () => {
		build(fakeSource("Test", { hasDesktop: false, idleMs: 5_000, isLocked: false }));
		await wait(1);
		expect(machine.snapshot.user).toMatchObject({ hasDesktop: false, idleMs: 5_000 });
		machine.reportPresence({ idleSeconds: 600, isLocked: null, supply: null, heat: null });
		await wait(1);
		expect(machine.snapshot.user).toMatchObject({ hasDesktop: true, idleMs: 600_000, isLocked: false });
		await wait(31_000);
		expect(machine.snapshot.user).toMatchObject({ hasDesktop: false, idleMs: 5_000 });
		expect(said).toEqual([
			"info: the desktop program tells nothing: it does not run, or has not reported lately",
			"info: the desktop program answers again: when the user last did something, and whether the screen is locked",
			"info: the desktop program tells nothing: it does not run, or has not reported lately",
		]);
	});
});

describe("looking", () => {
	test("begins by itself, seldom at first, and goes on closely when told to", async () => {
		const source = fakeSource("Test");
		build(source);
		await wait(1);
		expect(timesLooked(source)).toBe(1);
		await wait(15_000);
		expect(timesLooked(source)).toBe(2);
		await wait(10_000);
		machine.setPace("closely");
		await wait(1);
		expect(timesLooked(source)).toBe(3);
		await wait(2_000 * 10);
		expect(timesLooked(source)).toBe(13);
		machine.setPace("seldom");
		await wait(14_000);
		expect(timesLooked(source)).toBe(13);
	});

	test("goes one at a time; who asks meanwhile gets one that began after the question", async () => {
		const source = fakeSource("Test");
		const answers: ((idleMs: number) => void)[] = [];
		source.answer = () => {
			const { promise, resolve } = Promise.withResolvers<ReturnType<typeof ok<{ idleMs: number }>>>();
			answers.push((idleMs) => resolve(ok({ idleMs })));
			return promise;
		};
		build(source);
		const first = machine.look();
		const second = machine.look();
		const third = machine.look();
		await wait(0);
		expect(answers).toHaveLength(1);
		answers[0]?.(1);
		expect((await first).user.idleMs).toBe(1);
		await wait(0);
		expect(answers).toHaveLength(2);
		answers[1]?.(2);
		expect((await second).user.idleMs).toBe(2);
		expect(await third).toBe(await second);
		await wait(0);
		expect(answers).toHaveLength(2);
	});

	test("tells who watches of every look, until they have enough", async () => {
		build(fakeSource("Test"));
		const seen: MachineSnapshot[] = [];
		const end = machine.watch((snapshot) => seen.push(snapshot));
		const first = await machine.look();
		const second = await machine.look();
		expect(seen).toEqual([first, second]);
		end();
		await machine.look();
		expect(seen).toHaveLength(2);
	});

	test("comes at once with news, and once in a quarter of a second with much of it", async () => {
		const source = fakeSource("Test");
		build(source);
		await wait(1_000);
		source.tell();
		await wait(0);
		expect(timesLooked(source)).toBe(2);
		for (let told = 0; told < 30; told++) {
			source.tell();
			await wait(10);
		}
		await wait(1_000);
		expect(timesLooked(source)).toBe(4);
	});

	test("goes on after a bug in whoever listens, and says it", async () => {
		const source = fakeSource("Test");
		build(source);
		machine.setPace("closely");
		const end = machine.watch(() => {
			throw new Error("no such field");
		});
		await wait(1);
		end();
		await wait(2_000);
		expect(timesLooked(source)).toBe(2);
		expect(said).toContain("error: looking at this computer failed");
	});

	test("ends with the machine", async () => {
		const source = fakeSource("Test", { idleMs: 1 });
		build(source);
		const last = await machine.look();
		await machine.stop();
		source.tell();
		machine.reportPresence({ idleSeconds: 0, isLocked: null, supply: null, heat: null });
		await wait(60_000);
		expect(timesLooked(source)).toBe(1);
		expect(source.isStopped).toBe(true);
		expect(await machine.look()).toBe(last);
	});
});

describe("a source", () => {
	test("that hangs has its time cut, is not asked again until its old look ended, and keeps nobody waiting", async () => {
		const hanging = fakeSource("Hanging");
		const { promise, resolve } = Promise.withResolvers<ReturnType<typeof ok<{ idleMs: number }>>>();
		hanging.answer = () => promise;
		build(hanging, fakeSource("Other", { idleMs: 7 }));
		machine.setPace("closely");
		await wait(1_600);
		expect(machine.snapshot.user.idleMs).toBe(7);
		expect(hanging.questions[0]?.signal.aborted).toBe(true);
		expect(sourceState("Hanging")).toMatchObject({ state: "failed", detail: "it did not answer within 1.5 s" });
		await wait(20_000);
		expect(timesLooked(hanging)).toBe(1);
		hanging.answer = () => ok({ idleMs: 3 });
		resolve(ok({ idleMs: 99 }));
		await wait(2_000);
		expect(machine.snapshot.user.idleMs).toBe(3);
		expect(saidOfSources()).toEqual([
			"warn: Hanging tells nothing: it did not answer within 1.5 s",
			"info: Hanging answers again: what Hanging knows",
		]);
	});

	test("that still hangs at the end is left alone: its library may be at work", async () => {
		const hanging = fakeSource("Hanging");
		hanging.answer = () => new Promise(() => {});
		build(hanging);
		await wait(100);
		const stopped = machine.stop();
		await wait(1_500);
		await stopped;
		expect(hanging.isStopped).toBe(false);
		expect(said).toContain("warn: Hanging still has not answered; it is left as it is");
	});

	test("that is not on this computer is said to be absent once, and asked again every ten minutes or with news", async () => {
		const source = fakeSource("Test");
		source.answer = () => err({ kind: "absent", message: "libtest.so can't be opened" });
		build(source);
		await wait(9 * 60_000);
		expect(timesLooked(source)).toBe(1);
		expect(sourceState("Test")).toEqual({ name: "Test", state: "absent", detail: "libtest.so can't be opened" });
		await wait(2 * 60_000);
		expect(timesLooked(source)).toBe(2);
		source.tell();
		await wait(1);
		expect(timesLooked(source)).toBe(3);
		expect(saidOfSources()).toEqual(["info: Test tells nothing: libtest.so can't be opened"]);
	});

	test("that has news while it says it is absent is asked again at once", async () => {
		const source = fakeSource("Test");
		source.answer = async () => {
			source.answer = () => ok({ idleMs: 5 });
			source.tell();
			return err({ kind: "absent", message: "not yet" });
		};
		build(source);
		await wait(1);
		expect(machine.snapshot.user.idleMs).toBe(5);
	});

	test("that throws has a bug, which is said, and the others go on", async () => {
		const broken = fakeSource("Broken");
		broken.answer = () => {
			throw new Error("no such property");
		};
		const { user } = await build(broken, fakeSource("Other", { idleMs: 7 })).look();
		expect(user.idleMs).toBe(7);
		expect(said).toContain("warn: Broken tells nothing: it broke: no such property");
	});

	test("that comes and goes all night does not fill the log", async () => {
		const source = fakeSource("Test");
		let looks = 0;
		source.answer = () => (looks++ % 2 === 0 ? err({ kind: "failed", message: "busy" }) : ok({}));
		build(source);
		machine.setPace("closely");
		await wait(600_000);
		expect(saidOfSources().filter((line) => !line.startsWith("debug"))).toHaveLength(20);
	});
});
