import { expect, test } from "vitest";
import type { Notice } from "../ledger/ledger.ts";
import { createMorning, type MorningDeps } from "./morning.ts";
import { quietNight } from "./testing.ts";

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();

/** A ledger's notices, in memory: which there are decides everything here. */
function createNotices() {
	const notices: Notice[] = [];
	let nowMs = 0;
	const ledger: MorningDeps["ledger"] = {
		notices: (after, limit) => notices.filter(({ number }) => number > after).slice(0, limit),
		async notify(kind, batchId, message) {
			const notice = { number: notices.length + 1, atMs: nowMs, kind, batchId, message };
			notices.push(notice);
			return notice;
		},
	};
	return {
		notices,
		/** A notifier of now, as after a start of the service. */
		begin: (lines: number) =>
			createMorning({ ledger, reports: { lastNight: () => ({ ...quietNight, lines, failed: 2 }) } }),
		pass(toMs: number): number {
			nowMs = toMs;
			return toMs;
		},
	};
}

test("the report of a night with work is told once, from seven in the morning on", async () => {
	const day = createNotices();
	const morning = day.begin(1_200);
	await morning.look(day.pass(at(21, 6, 59)));
	expect(day.notices).toEqual([]);
	await morning.look(day.pass(at(21, 7)));
	await morning.look(day.pass(at(21, 8)));
	expect(day.notices).toMatchObject([{ kind: "report", message: "1,200 lines done, 2 of them failed." }]);
	await morning.look(day.pass(at(22, 9)));
	expect(day.notices).toHaveLength(2);
});

test("a restart does not tell it again, and a computer that sleeps past noon does not tell it late", async () => {
	const day = createNotices();
	await day.begin(5).look(day.pass(at(21, 7)));
	await day.begin(5).look(day.pass(at(21, 9)));
	await day.begin(5).look(day.pass(at(22, 12)));
	expect(day.notices).toHaveLength(1);
});

test("a night without work is not worth a notice", async () => {
	const day = createNotices();
	await day.begin(0).look(day.pass(at(21, 7)));
	expect(day.notices).toEqual([]);
});
