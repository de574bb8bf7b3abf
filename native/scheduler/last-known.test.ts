import { expect, test } from "vitest";
import type { Gpu } from "../contract/contract.ts";
import { sampleSnapshot } from "../machine/testing.ts";
import { createLastKnown, LAST_KNOWN_MS } from "./last-known.ts";

const card: Gpu = {
	id: "nvidia:GPU-1",
	name: "GeForce",
	vendor: "nvidia",
	memory: { totalBytes: 24e9, usedBytes: 15e9, oursBytes: 0, othersBytes: 15e9 },
	busy: { totalFraction: 0.7, oursFraction: 0, othersFraction: 0.7 },
	powerWatts: null,
	powerLimitWatts: null,
	temperatureCelsius: null,
	clockMegahertz: null,
	processes: [],
	source: "NVML",
};
const untold: Gpu = {
	...card,
	memory: { ...card.memory, oursBytes: null, othersBytes: null },
	busy: { ...card.busy, othersFraction: null },
};
const cpu = sampleSnapshot().cpu;

function build() {
	let nowMs = 0;
	const fill = createLastKnown({ monotonicMs: () => nowMs });
	return {
		pass(milliseconds: number) {
			nowMs += milliseconds;
		},
		others(gpus: readonly Gpu[], othersFraction: number | null = null) {
			const filled = fill(sampleSnapshot({ gpus, cpu: { ...cpu, othersFraction } }));
			const found = filled.gpus.map(({ memory, busy }) => [memory.othersBytes, busy.othersFraction]);
			return [...found, filled.cpu.othersFraction];
		},
	};
}

test("what can't be told for a moment is as it was, and then unknown", () => {
	const { pass, others } = build();
	expect(others([card], 0.4)).toEqual([[15e9, 0.7], 0.4]);
	pass(LAST_KNOWN_MS);
	expect(others([untold])).toEqual([[15e9, 0.7], 0.4]);
	pass(1);
	expect(others([untold])).toEqual([[null, null], null]);
});

test("a GPU that is not seen at one look is still there", () => {
	const { pass, others } = build();
	others([card], 0.4);
	pass(LAST_KNOWN_MS);
	expect(others([], 0.4)).toEqual([[15e9, 0.7], 0.4]);
	pass(1);
	expect(others([], 0.4)).toEqual([0.4]);
});

test("what is told counts at once", () => {
	const { others } = build();
	others([card], 0.4);
	const quiet: Gpu = { ...card, memory: { ...card.memory, othersBytes: 0 }, busy: { ...card.busy, othersFraction: 0 } };
	expect(others([quiet], 0)).toEqual([[0, 0], 0]);
	expect(others([untold])).toEqual([[0, 0], 0]);
});
