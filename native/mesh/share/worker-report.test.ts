import { expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { alwaysPermitted } from "../../jobs/work-permit.ts";
import type { ToNode } from "../node/messages.ts";
import { createWorkerReport } from "./worker-report.ts";

/** A report under a clock that a test moves, on a machine without models. */
function setUp() {
	let nowMs = 0;
	const told: Extract<ToNode, { kind: "worker" }>[] = [];
	const report = createWorkerReport({
		models: { list: () => [], withDigest: () => null, knownDigest: () => null, digest: async () => "" },
		permit: () => alwaysPermitted,
		clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
		log: silentLog,
		post: (message) => void (message.kind === "worker" && told.push(message)),
	});
	return {
		report,
		told,
		/** Groups of lines, one every so often. */
		work(groups: number, everyMs: number, lines: number) {
			for (let group = 0; group < groups; group += 1) {
				nowMs += everyMs;
				report.count(lines);
			}
			report.look([]);
		},
	};
}

test("the rate is what was done between groups, however long they are gathered", () => {
	const { report, work } = setUp();
	work(1, 2_000, 80);
	expect(report.linesPerSecond).toBeNull();
	work(1, 2_000, 80);
	expect(report.linesPerSecond).toBe(40);
	work(40, 2_000, 80);
	expect(report.linesPerSecond).toBe(40);
	work(40, 2_000, 20);
	expect(report.linesPerSecond).toBe(10);
});

test("the same rate is not told again, another is", () => {
	const { told, work } = setUp();
	work(20, 2_000, 80);
	work(5, 2_000, 82);
	expect(told.map(({ linesPerSecond }) => linesPerSecond)).toEqual([40]);
	work(20, 2_000, 160);
	expect(told.map(({ linesPerSecond }) => linesPerSecond)).toEqual([40, 80]);
});
