import { describe, expect, test } from "vitest";
import { lastNightOf } from "./which-night.ts";

/** A moment in local time. */
function at(day: number, hour: number, minute = 0): number {
	return new Date(2026, 10, day, hour, minute).getTime();
}

/** Answers the batches by when each was worked on. */
function worked(times: Readonly<Record<string, readonly number[]>>) {
	return (fromMs: number, toMs: number) =>
		new Set(
			Object.entries(times)
				.filter(([, moments]) => moments.some((moment) => moment >= fromMs && moment < toMs))
				.map(([batchId]) => batchId),
		);
}

const nobody = worked({});

describe("before noon", () => {
	test.each([0, 3, 7, 11.9])("at %s o'clock it is the night since yesterday's noon", (hour) => {
		const nowMs = at(21, hour);
		expect(lastNightOf(nowMs, nobody)).toEqual({ fromMs: at(20, 12), toMs: nowMs });
	});
});

describe("after noon", () => {
	test("it is the whole night before, down to today's noon", () => {
		expect(lastNightOf(at(21, 12), nobody)).toEqual({ fromMs: at(20, 12), toMs: at(21, 12) });
		expect(lastNightOf(at(21, 23, 59), nobody)).toEqual({ fromMs: at(20, 12), toMs: at(21, 12) });
	});

	test("it stays so while a batch of the night runs on", () => {
		const times = worked({ long: [at(21, 2), at(21, 15)] });
		expect(lastNightOf(at(21, 16), times)).toEqual({ fromMs: at(20, 12), toMs: at(21, 12) });
	});

	test("it is the new night as soon as that has work of its own", () => {
		const times = worked({ long: [at(21, 2), at(21, 15)], fresh: [at(21, 18)] });
		expect(lastNightOf(at(21, 17), times)).toEqual({ fromMs: at(20, 12), toMs: at(21, 12) });
		expect(lastNightOf(at(21, 19), times)).toEqual({ fromMs: at(21, 12), toMs: at(21, 19) });
	});
});
