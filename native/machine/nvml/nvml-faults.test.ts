import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../base/base.ts";
import { type Library, openLibrary } from "../library.ts";
import type { Source } from "../source.ts";
import { createNvmlSource, usualLibraryNames } from "./nvml.ts";
import { faultOf, gpusOf, plainQuestion } from "./nvml-testing.ts";
import { buildStandIn, type StandIn } from "./stand-in-testing.ts";

const card = "gpu 24000000000 1000000000 3 18500 41";
/** Longer than a broken driver is left alone. */
const A_WHILE_MS = 11_000;
/** After it a lost GPU is looked for beside others. */
const A_LONG_WHILE_MS = 6 * 60_000;

let standIn: StandIn;
/** A second handle of the same library, which keeps it loaded. */
let library: Library;
let source: Source;
let nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
beforeAll(async () => {
	standIn = buildStandIn();
	const opened = await openLibrary([standIn.path]);
	if (!opened.ok) throw new Error(opened.error.message);
	library = opened.value;
});
afterAll(() => {
	library.close();
	standIn.remove();
});
beforeEach(() => {
	standIn.play(card);
	source = createNvmlSource({ libraryNames: [standIn.path], clock });
});
afterEach(async () => {
	standIn.play(card);
	await source.stop();
});

/** Whether somebody has a session with the driver. */
async function isBegun(): Promise<boolean> {
	const count = library.find("int nvmlDeviceGetCount_v2(_Out_ void *deviceCount)");
	return (await count?.call(Buffer.alloc(4))) === 0;
}

async function fault() {
	return faultOf(await source.look(plainQuestion()));
}

const words = (part: string): unknown => expect.stringContaining(part);
const faults = [
	[1, "opened anew"],
	[4, "/dev/nvidiactl"],
	[9, "modprobe nvidia"],
	[15, "check the GPU's power"],
	[16, "must be reset"],
	[18, "was updated"],
	[999, '"Unknown Error" (999)'],
	[17, '"Stand-in Error" (17)'],
] as const;

describe("a driver that breaks between two looks", () => {
	test.each(faults)("with code %i says what to do, and answers again as soon as it does", async (code, said) => {
		await gpusOf(source);
		nowMs += A_WHILE_MS;
		standIn.play(card, `fail nvmlDeviceGetMemoryInfo_v2 ${code}`);
		expect(await fault()).toEqual({ kind: "failed", message: words(said) });
		standIn.play(card);
		expect(await gpusOf(source)).toHaveLength(1);
	});

	test("and stays broken is opened only now and then", async () => {
		await gpusOf(source);
		nowMs += A_WHILE_MS;
		standIn.play(card, "fail * 18");
		await fault();
		expect(await fault()).toEqual({ kind: "failed", message: words("restart the computer") });
		standIn.play(card);
		expect(await fault()).toEqual({ kind: "failed", message: words("restart the computer") });
		nowMs += A_WHILE_MS;
		expect(await gpusOf(source)).toHaveLength(1);
	});

	test("because it is not loaded any more is not given up", async () => {
		await gpusOf(source);
		nowMs += A_WHILE_MS;
		standIn.play(card, "fail * 9");
		await fault();
		expect(await fault()).toMatchObject({ kind: "failed" });
	});
});

describe("a driver that does not begin", () => {
	test.each(faults)("with code %i says what to do", async (code, said) => {
		standIn.play(card, `fail nvmlInit_v2 ${code}`);
		// What was never loaded is no part of this computer.
		expect(await fault()).toEqual({ kind: code === 9 ? "absent" : "failed", message: words(said) });
	});

	test("because it has no GPU is absent", async () => {
		standIn.play();
		expect(await fault()).toEqual({ kind: "absent", message: words("no GPU of NVIDIA's") });
	});

	test("because it is not installed is absent", async () => {
		source = createNvmlSource({ libraryNames: [`${standIn.path}.not-there`] });
		expect(await fault()).toEqual({ kind: "absent", message: words("is not installed") });
	});

	test("because there is none for this system is absent", async () => {
		source = createNvmlSource({ libraryNames: usualLibraryNames("darwin", {}) });
		expect(await fault()).toEqual({ kind: "absent", message: "NVIDIA has no driver for this system" });
	});
});

describe("a GPU", () => {
	test("that does not support a figure tells the others, and is not asked for it again", async () => {
		standIn.play(card, "fail nvmlDeviceGetPowerUsage 3");
		expect(await gpusOf(source)).toMatchObject([{ powerWatts: null, temperatureCelsius: 41 }]);
		standIn.play(card);
		expect(await gpusOf(source)).toMatchObject([{ powerWatts: null, temperatureCelsius: 41 }]);
	});

	test("that can't tell a figure this time is asked again", async () => {
		standIn.play(card, "fail nvmlDeviceGetPowerUsage 999", "fail nvmlDeviceGetUtilizationRates 4");
		expect(await gpusOf(source)).toMatchObject([{ powerWatts: null, busyFraction: null, temperatureCelsius: 41 }]);
		standIn.play(card);
		expect(await gpusOf(source)).toMatchObject([{ powerWatts: 18.5, busyFraction: 0.03 }]);
	});

	test("that is lost does not hide the other one, and is found again", async () => {
		standIn.play(card, "gpu 8000000000 0 0 9000 30 Other");
		expect(await gpusOf(source)).toHaveLength(2);
		standIn.play(card, "gpu 8000000000 0 0 9000 30 Other", "lost 0 15");
		expect(await gpusOf(source)).toMatchObject([{ name: "Other" }]);
		nowMs += A_LONG_WHILE_MS;
		expect(await gpusOf(source)).toMatchObject([{ name: "Other" }]);
		expect(await gpusOf(source)).toMatchObject([{ name: "Other" }]);
		standIn.play(card, "gpu 8000000000 0 0 9000 30 Other");
		nowMs += A_LONG_WHILE_MS;
		await gpusOf(source);
		expect(await gpusOf(source)).toHaveLength(2);
	});
});

describe("a driver that hangs", () => {
	const hangs = "hang nvmlDeviceGetUtilizationRates";

	test("halts nothing else, is not called a second time, and goes on where it was", async () => {
		standIn.play(card, hangs);
		const look = source.look(plainQuestion());
		// Timers of this process run meanwhile, or this would never end.
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(await fault()).toMatchObject({ message: "the last look has not ended" });
		standIn.play(card);
		expect(await look).toMatchObject({ ok: true });
	});

	test("until the look's time is up is asked nothing more, and answers the next one", async () => {
		standIn.play(card, hangs);
		const time = new AbortController();
		const look = source.look(plainQuestion(time.signal));
		time.abort();
		standIn.play(card);
		expect(faultOf(await look)).toEqual({ kind: "failed", message: words("took too long") });
		expect(await gpusOf(source)).toHaveLength(1);
	});

	test("does not keep the source from being let go; the library is closed when it comes back", async () => {
		await gpusOf(source);
		standIn.play(card, hangs);
		const look = source.look(plainQuestion());
		await source.stop();
		expect(await fault()).toMatchObject({ message: "looking has ended" });
		expect(await isBegun()).toBe(true);
		standIn.play(card);
		expect(await look).toMatchObject({ ok: true });
		expect(await isBegun()).toBe(false);
	});
});

test("a source that is let go ends its session with the driver", async () => {
	await gpusOf(source);
	expect(await isBegun()).toBe(true);
	await source.stop();
	expect(await isBegun()).toBe(false);
});

test("the source says which driver answers", async () => {
	const before = source.tells;
	standIn.play(card, "driver 535.183.01");
	await gpusOf(source);
	expect([before, source.tells]).toEqual([
		"NVIDIA GPUs and the processes on them",
		"NVIDIA GPUs and the processes on them (driver 535.183.01)",
	]);
});

test("Windows' library is named by its full path", () => {
	const names = usualLibraryNames("win32", { SystemRoot: "D:\\Windows", ProgramW6432: "D:\\Programs" });
	expect(names).toHaveLength(2);
	expect(names.every((name) => name.startsWith("D:\\"))).toBe(true);
});
