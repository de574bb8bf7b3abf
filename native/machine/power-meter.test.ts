import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Clock, err, type Log, ok, type Result, silentLog, systemClock } from "../base/base.ts";
import { createMachine } from "./create-machine.ts";
import { aboveFloor } from "./floor.ts";
import { createPowerMeter } from "./power-meter.ts";
import { createPowerProbe, type LookFailure, type PowerSight } from "./power-probe.ts";

/** What the next looks answer; "hang" never does. */
type Look = number | "hang" | "fail" | "nothing";

let asleepMs: number;
let looks: Look[];
let lookCount: number;
let runningLooks: number;
let mostRunningLooks: number;
let warnings: string[];
const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => Date.now() + asleepMs };

beforeEach(() => {
	vi.useFakeTimers({ now: 1_000_000 });
	asleepMs = 0;
	looks = [];
	lookCount = 0;
	runningLooks = 0;
	mostRunningLooks = 0;
	warnings = [];
});
afterEach(() => {
	vi.useRealTimers();
});

function probe(): Promise<Result<PowerSight, LookFailure>> {
	const look = looks.length > 1 ? looks.shift() : looks[0];
	lookCount++;
	runningLooks++;
	mostRunningLooks = Math.max(mostRunningLooks, runningLooks);
	if (look === "hang") return new Promise(() => {});
	runningLooks--;
	if (look === "fail") return Promise.resolve(err({ message: "no driver" }));
	const gpus = typeof look === "number" ? [{ name: "Test GPU", watts: look }] : [];
	return Promise.resolve(ok({ kind: "desktop", gpus }));
}

function build(estimatedWatts: number | null = null, isGpuAtWork = false) {
	const log: Log = { ...silentLog, warn: (_fields, message) => warnings.push(message) };
	return createPowerMeter({
		probe,
		clock,
		log,
		estimatedWatts: () => estimatedWatts,
		isGpuAtWork: () => isGpuAtWork,
	});
}

const HOUR_MS = 3_600_000;
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("a computer whose GPU tells its power", () => {
	test("counts the GPU as measured and the rest as estimated, and says both", async () => {
		looks = [255];
		const meter = build();
		const count = meter.count();
		await wait(HOUR_MS);
		expect(meter.reading).toEqual({
			watts: 300,
			isMeasured: true,
			basis: "Test GPU by its sensor, 45 W estimated for the rest",
		});
		const { wattHours, isMeasured } = count.take();
		expect(wattHours).toBeCloseTo(300, 6);
		expect(isMeasured).toBe(true);
		count.end();
	});

	test("each reading counts for the time since the one before", async () => {
		looks = [55, 155, 355];
		const count = build().count();
		await wait(20_000);
		expect(count.take().wattHours).toBeCloseTo(((200 + 400) * 10_000) / HOUR_MS, 9);
		count.end();
	});

	test("a failed look keeps the last reading, and a minute of them makes it an estimate", async () => {
		looks = [255, "fail"];
		const meter = build();
		const count = meter.count();
		await wait(50_000);
		expect(meter.reading).toMatchObject({ watts: 300, isMeasured: true });
		await wait(10_000);
		expect(meter.reading).toMatchObject({ watts: 90, isMeasured: false });
		expect(count.take().isMeasured).toBe(false);
		looks = [155];
		await wait(10_000);
		expect(meter.reading).toMatchObject({ watts: 200, isMeasured: true });
		expect(warnings).toEqual([
			"the power of the GPU can't be read; the last reading stands",
			"the power of the GPU could not be read for a minute; it is estimated now",
		]);
		count.end();
	});

	test("a look that hangs is never joined by another, and time goes on counting", async () => {
		looks = [255, "hang"];
		const count = build().count();
		await wait(HOUR_MS);
		expect(mostRunningLooks).toBe(1);
		expect(lookCount).toBe(2);
		const { wattHours } = count.take();
		expect(wattHours).toBeGreaterThan(90);
		expect(wattHours).toBeLessThan(300);
		count.end();
	});

	test("nor by one of the next stretch of work", async () => {
		looks = ["hang"];
		const meter = build();
		meter.count().end();
		const count = meter.count();
		await wait(HOUR_MS);
		count.end();
		expect(lookCount).toBe(1);
		expect(meter.reading.isMeasured).toBe(false);
	});

	test("the time a computer slept is no work", async () => {
		looks = [255];
		const count = build().count();
		await wait(HOUR_MS);
		asleepMs = 8 * HOUR_MS;
		await wait(HOUR_MS);
		expect(count.take().wattHours).toBeCloseTo(600, 6);
		count.end();
	});
});

describe("a computer without such a GPU", () => {
	test("counts the estimate and says what it is, asking for a GPU once a stretch of work", async () => {
		looks = ["nothing"];
		const meter = build();
		const first = meter.count();
		await wait(HOUR_MS);
		expect(first.take()).toEqual({ wattHours: expect.closeTo(90, 6), isMeasured: false });
		first.end();
		const second = meter.count();
		await wait(HOUR_MS);
		second.end();
		expect(lookCount).toBe(2);
		expect(meter.reading.basis).toBe(
			"90 W estimated for a desktop computer working on its processor; energy.estimatedWatts sets it",
		);
	});

	test("counts what the owner says it draws", async () => {
		looks = ["nothing"];
		const meter = build(120);
		const count = meter.count();
		await wait(HOUR_MS / 2);
		expect(count.take().wattHours).toBeCloseTo(60, 6);
		expect(meter.reading.basis).toBe("120 W, as set in energy.estimatedWatts");
		count.end();
	});

	test("a silent GPU at work makes a larger estimate", () => {
		looks = ["nothing"];
		expect(build(null, true).reading.watts).toBeGreaterThan(build().reading.watts);
	});
});

test("nobody looks while nothing counts", async () => {
	looks = [100];
	const meter = build();
	await wait(HOUR_MS);
	expect(lookCount).toBe(0);
	const count = meter.count();
	await wait(20_000);
	expect(lookCount).toBe(3);
	count.end();
	count.end();
	await wait(HOUR_MS);
	expect(lookCount).toBe(3);
	expect(vi.getTimerCount()).toBe(0);
});

test("what was counted before the end can be taken after it, and stopping the meter ends every count", async () => {
	looks = [55];
	const meter = build();
	const ended = meter.count();
	await wait(HOUR_MS);
	ended.end();
	await wait(HOUR_MS);
	expect(ended.take().wattHours).toBeCloseTo(100, 6);
	const stopped = meter.count();
	await wait(HOUR_MS);
	meter.stop();
	await wait(HOUR_MS);
	expect(stopped.take().wattHours).toBeCloseTo(100, 6);
});

test("counts at the same time add up to what the computer drew, however they begin, take and end", async () => {
	const step = fc.record({ waitMs: fc.integer({ min: 0, max: 25_000 }), act: fc.constantFrom("begin", "take", "end") });
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
			looks = [155];
			const meter = build();
			const open = [meter.count()];
			let drawn = 0;
			let counted = 0;
			for (const { waitMs, act } of steps) {
				await wait(waitMs);
				if (open.length > 0) drawn += (200 * waitMs) / HOUR_MS;
				const [first] = open;
				if (act === "begin") open.push(meter.count());
				else if (act === "take") counted += first?.take().wattHours ?? 0;
				else if (first) {
					first.end();
					counted += first.take().wattHours;
					open.shift();
				}
			}
			for (const count of open) counted += count.take().wattHours;
			meter.stop();
			expect(counted).toBeCloseTo(drawn, 6);
		}),
		{ numRuns: 100 },
	);
});

test("this machine's own power can be looked at", async () => {
	vi.useRealTimers();
	const floor = { platform: process.platform, environment: process.env, clock: systemClock, log: silentLog };
	const machine = createMachine({
		clock: systemClock,
		log: silentLog,
		sources: aboveFloor([], floor),
		inferenceProcessIds: () => [],
		programs: () => [],
	});
	const probe = createPowerProbe(machine);
	const meter = createPowerMeter({ probe, clock: systemClock, log: silentLog, estimatedWatts: () => null });
	const seen = await probe(AbortSignal.timeout(30_000));
	const count = meter.count();
	const { watts, isMeasured, basis } = meter.reading;
	count.end();
	await machine.stop();
	expect(seen.ok).toBe(true);
	expect(watts).toBeGreaterThan(0);
	expect(isMeasured ? "sensor" : "estimated").toBe(basis.includes("by its sensor") ? "sensor" : "estimated");
});
