import { totalmem } from "node:os";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Clock, err, ok, silentLog, systemClock } from "../base/base.ts";
import { machineSnapshotSchema } from "../contract/contract.ts";
import type { BatteryReading } from "./battery.ts";
import { createMachine } from "./create-machine.ts";
import { aboveFloor, createFloorSource, type FloorDeps } from "./floor.ts";
import type { Sight, Source } from "./source.ts";
import { fakeSource } from "./source-testing.ts";

let nowMs: number;
let timesAsked: number;
let battery: BatteryReading;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };

beforeEach(() => {
	nowMs = 1_000;
	timesAsked = 0;
	battery = { hasBattery: true, acConnected: false, percent: 80 };
});
afterEach(() => {
	vi.useRealTimers();
});

function build(changes: Partial<FloorDeps> = {}): Source {
	return createFloorSource({
		platform: "win32",
		environment: {},
		clock,
		log: silentLog,
		isSupplyTold: () => false,
		askBattery: async () => {
			timesAsked++;
			return battery;
		},
		...changes,
	});
}

async function look(source: Source, inferenceProcessIds: readonly number[] = []): Promise<Sight> {
	const signal = new AbortController().signal;
	const seen = await source.look({ ownProcessIds: [process.pid], inferenceProcessIds, programs: [], signal });
	if (!seen.ok) throw new Error(seen.error.message);
	return seen.value;
}

/** Looks until a battery that was asked for has answered. */
async function lookLater(source: Source): Promise<Sight> {
	await look(source);
	nowMs += 1_000;
	await look(source);
	nowMs += 1_000;
	return look(source);
}

describe("a desktop", () => {
	test("is always there on Windows and macOS, and elsewhere where a graphical session says so", async () => {
		const found = async (platform: NodeJS.Platform, environment = {}) =>
			(await look(build({ platform, environment }))).hasDesktop;
		expect(await found("win32")).toBe(true);
		expect(await found("darwin")).toBe(true);
		expect(await found("linux")).toBe(false);
		expect(await found("linux", { DISPLAY: "" })).toBe(false);
		expect(await found("linux", { DISPLAY: ":0" })).toBe(true);
		expect(await found("linux", { WAYLAND_DISPLAY: "wayland-0" })).toBe(true);
	});
});

describe("the power supply", () => {
	test("is asked for at most once a minute, and told by later looks", async () => {
		const source = build();
		expect(await lookLater(source)).toMatchObject({ supply: "battery", batteryFraction: 0.8 });
		battery = { ...battery, acConnected: true };
		for (let second = 0; second < 58; second++) {
			nowMs += 1_000;
			await look(source);
		}
		expect(timesAsked).toBe(1);
		nowMs += 2_000;
		expect(await lookLater(source)).toMatchObject({ supply: "mains", batteryFraction: 0.8 });
		expect(timesAsked).toBe(2);
	});

	test("is mains where there is no battery, which is asked for once", async () => {
		battery = { hasBattery: false, acConnected: true, percent: 0 };
		const source = build();
		expect(await lookLater(source)).toMatchObject({ supply: "mains", batteryFraction: null });
		nowMs += 3_600_000;
		await lookLater(source);
		expect(timesAsked).toBe(1);
	});

	test("can't be told of a full battery that is not said to be charging", async () => {
		battery = { hasBattery: true, acConnected: false, percent: 100 };
		expect(await lookLater(build())).toMatchObject({ supply: null, batteryFraction: 1 });
	});

	test("is unknown where the battery can't be read, and asked for again", async () => {
		const source = build({
			askBattery: async () => {
				timesAsked++;
				throw new Error("no PowerShell");
			},
		});
		expect((await lookLater(source)).supply).toBeUndefined();
		nowMs += 60_000;
		await look(source);
		expect(timesAsked).toBe(2);
	});

	test("is not asked for while a better source has the say", async () => {
		const better = fakeSource("Better", { supply: null });
		const [heard, floor] = aboveFloor([better], {
			platform: "win32",
			environment: {},
			clock,
			log: silentLog,
			askBattery: async () => {
				timesAsked++;
				return battery;
			},
		});
		if (heard === undefined || floor === undefined) throw new Error("two sources were expected");
		await look(heard);
		await lookLater(floor);
		expect(timesAsked).toBe(0);
		better.answer = () => err({ kind: "failed", message: "busy" });
		expect(await heard.look(better.questions[0] ?? expect.fail())).toMatchObject({ ok: false });
		await lookLater(floor);
		expect(timesAsked).toBe(0);
		better.answer = () => ok({});
		await look(heard);
		await lookLater(floor);
		expect(timesAsked).toBe(1);
	});

	test("is mains on a Linux computer none of whose sources knows of a supply", async () => {
		expect(await look(build({ platform: "linux" }))).toMatchObject({ supply: "mains" });
		expect((await look(build({ platform: "linux", isSupplyTold: () => true }))).supply).toBeUndefined();
		expect(timesAsked).toBe(0);
	});
});

describe("our own processor time", () => {
	test("is this process's, and unknown as soon as there is an inference process", async () => {
		const source = build();
		expect((await look(source)).ownCpuFraction).toBeNull();
		nowMs += 1_000;
		const { ownCpuFraction, ownMemoryBytes } = await look(source);
		expect(ownCpuFraction).toBeGreaterThanOrEqual(0);
		expect(ownMemoryBytes).toBeGreaterThan(1e6);
		expect(await look(source, [7])).toMatchObject({ ownCpuFraction: null, ownMemoryBytes: null });
		nowMs += 1_000;
		expect((await look(source)).ownCpuFraction).toBeNull();
	});
});

test("main memory is not told on macOS, where what is free says nothing of what is available", async () => {
	expect((await look(build({ platform: "darwin" }))).memory).toBeUndefined();
	expect((await look(build({ platform: "linux" }))).memory?.totalBytes).toBe(totalmem());
});

test("this machine is seen by its floor alone", async () => {
	const sources = aboveFloor([], {
		platform: process.platform,
		environment: process.env,
		clock: systemClock,
		log: silentLog,
	});
	const machine = createMachine({
		clock: systemClock,
		log: silentLog,
		sources,
		inferenceProcessIds: () => [],
		programs: () => [],
	});
	const snapshot = await machine.look();
	await machine.stop();
	expect(machineSnapshotSchema.parse(snapshot)).toEqual(snapshot);
	expect(snapshot.memory.totalBytes).toBe(totalmem());
	expect(snapshot.memory.availableBytes).toBeGreaterThan(0);
	expect(snapshot.sources).toContainEqual({
		name: "Node",
		state: "answers",
		detail: "processor and main memory, and on a laptop its battery",
	});
});
