/** What holds of verdicts whatever is found, whenever it is, and whatever becomes of the clocks. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CauseKind, causeKindSchema, type Rung, verdictSchema } from "../contract/contract.ts";
import type { Finding } from "./rules/rules.ts";
import { initialState, type SettleInput, type SettleState, settle } from "./settle.ts";

const MINUTE_MS = 60_000;
const limits = { coolDownMinutes: 5, gameCoolDownMinutes: 30 };
const gravity: Readonly<Record<Rung, number>> = { run: 0, freeze: 1, yield: 2, leave: 3 };
const sustained: ReadonlySet<CauseKind> = new Set(["gpu-busy", "cpu-busy"]);
const leaving: ReadonlySet<CauseKind> = new Set([
	"paused",
	"snoozed",
	"battery",
	"hot",
	"outside-hours",
	"user-present",
]);

function findingOf(kind: CauseKind): Finding {
	const rung = kind === "live-request" ? "freeze" : leaving.has(kind) ? "leave" : "yield";
	return { kind, rung, words: kind, pastWords: kind, untilMs: null, sustainMs: sustained.has(kind) ? 4_000 : 0 };
}

/** Mostly steady, so that work also runs at times. */
const anyFindings = fc
	.oneof(
		{ weight: 3, arbitrary: fc.constant([]) },
		{ weight: 2, arbitrary: fc.subarray([...causeKindSchema.options], { maxLength: 2 }) },
		{ weight: 1, arbitrary: fc.subarray([...causeKindSchema.options]) },
	)
	.map((kinds: readonly CauseKind[]) => kinds.map(findingOf));
const anyStep = fc.record({
	findings: anyFindings,
	/** Monotonic, since the step before. */
	passedMs: fc.oneof(
		{ weight: 6, arbitrary: fc.integer({ min: 0, max: 15_000 }) },
		{ weight: 2, arbitrary: fc.integer({ min: 15_000, max: 6 * MINUTE_MS }) },
		{ weight: 1, arbitrary: fc.integer({ min: 0, max: 600 * MINUTE_MS }) },
	),
	/** What the wall clock moves beyond that. */
	wallJumpMs: fc.oneof(
		{ weight: 8, arbitrary: fc.constant(0) },
		{ weight: 1, arbitrary: fc.integer({ min: -1_440 * MINUTE_MS, max: 1_440 * MINUTE_MS }) },
	),
	isWordGiven: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
type AnyStep = typeof anyStep extends fc.Arbitrary<infer Step> ? Step : never;
const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 80 });

interface Settling {
	readonly before: SettleState;
	readonly input: SettleInput;
	readonly isWordGiven: boolean;
	readonly wasStopped: boolean;
	readonly isStopped: boolean;
	readonly result: ReturnType<typeof settle>;
}

/** Goes through steps from the start of the service, and answers all that was settled. */
function runThrough(steps: readonly AnyStep[]): readonly Settling[] {
	let before = initialState;
	let [nowMs, monotonicMs] = [1_800_000_000_000, 10_000_000];
	let wasStopped = true;
	return steps.map(({ findings, passedMs, wallJumpMs, isWordGiven }) => {
		monotonicMs += passedMs;
		nowMs += passedMs + wallJumpMs;
		const input: SettleInput = { findings, nowMs, monotonicMs, limits, isWordGiven, share: 1 };
		const result = settle(before, input);
		const isStopped = gravity[result.verdict.rung] > gravity.freeze;
		const settling = { before, input, isWordGiven, wasStopped, isStopped, result };
		[before, wasStopped] = [result.state, isStopped];
		return settling;
	});
}

test("between two starts of work lies half a minute, but for the owner's word", () => {
	fc.assert(
		fc.property(anySteps, (steps) => {
			let startedMs: number | null = null;
			for (const { wasStopped, isStopped, isWordGiven, input } of runThrough(steps)) {
				if (!wasStopped || isStopped) continue;
				if (startedMs !== null && !isWordGiven) expect(input.monotonicMs - startedMs).toBeGreaterThanOrEqual(30_000);
				startedMs = input.monotonicMs;
			}
		}),
		{ numRuns: 500 },
	);
});

test("work that ran comes back only when the cool-down after the last sight of a cause is over, but for the owner's word", () => {
	const coolMs = (kind: CauseKind, hasRun: boolean): number => {
		if (kind === "live-request" || kind === "paused" || kind === "snoozed" || sustained.has(kind)) return 0;
		if (kind === "game") return 30 * MINUTE_MS;
		return leaving.has(kind) || !hasRun ? 30_000 : 5 * MINUTE_MS;
	};
	fc.assert(
		fc.property(anySteps, (steps) => {
			const back = new Map<CauseKind, number>();
			let hasRun = false;
			for (const { isStopped, isWordGiven, input } of runThrough(steps)) {
				if (isWordGiven) back.clear();
				for (const { kind } of input.findings) back.set(kind, input.monotonicMs + coolMs(kind, hasRun));
				if (isStopped) continue;
				hasRun = true;
				for (const [kind, backMs] of back) {
					if (gravity[findingOf(kind).rung] > gravity.freeze)
						expect(input.monotonicMs, kind).toBeGreaterThanOrEqual(backMs);
				}
			}
		}),
		{ numRuns: 500 },
	);
});

test("work always comes back: half an hour and a minute after the last cause it runs", () => {
	fc.assert(
		fc.property(anySteps, (steps) => {
			const calm = Array.from({ length: 188 }, () => ({
				findings: [],
				passedMs: 10_000,
				wallJumpMs: 0,
				isWordGiven: false,
			}));
			expect(runThrough([...steps, ...calm]).at(-1)?.result.verdict.rung).toBe("run");
		}),
	);
});

test("whatever is no load stops work in the same moment, and as far as it says", () => {
	fc.assert(
		fc.property(anySteps, (steps) => {
			for (const { input, result } of runThrough(steps)) {
				for (const { rung, sustainMs, kind } of input.findings) {
					if (sustainMs === 0) expect(gravity[result.verdict.rung], kind).toBeGreaterThanOrEqual(gravity[rung]);
				}
			}
		}),
	);
});

test("load stops running work only when it was seen for four seconds", () => {
	fc.assert(
		fc.property(anySteps, (steps) => {
			const since = new Map<CauseKind, number>();
			for (const { input, wasStopped, isStopped } of runThrough(steps)) {
				const kinds = new Set(input.findings.map(({ kind }) => kind));
				for (const kind of since.keys()) if (!kinds.has(kind)) since.delete(kind);
				for (const kind of kinds) since.set(kind, since.get(kind) ?? input.monotonicMs);
				if (wasStopped || !isStopped) continue;
				const enough = [...since].filter(
					([kind, sinceMs]) =>
						kind !== "live-request" && (!sustained.has(kind) || input.monotonicMs - sinceMs >= 4_000),
				);
				expect(enough).not.toEqual([]);
			}
		}),
	);
});

test("the rung is that of the gravest cause, and a verdict is what the contract says", () => {
	fc.assert(
		fc.property(anySteps, (steps) => {
			for (const { result } of runThrough(steps)) {
				const { verdict } = result;
				expect(verdictSchema.safeParse(verdict).success).toBe(true);
				expect(gravity[verdict.rung]).toBe(Math.max(0, ...verdict.causes.map(({ rung }) => gravity[rung])));
				expect(verdict.causes.map(({ rung }) => gravity[rung])).toEqual(
					verdict.causes.map(({ rung }) => gravity[rung]).sort((one, other) => other - one),
				);
				expect(verdict.reason === "may run").toBe(verdict.causes.length === 0);
			}
		}),
	);
});

test("one more cause never makes work run", () => {
	const anyKind = fc.constantFrom(...causeKindSchema.options);
	fc.assert(
		fc.property(anySteps, anyKind, (steps, kind) => {
			for (const { before, input, result } of runThrough(steps)) {
				const others = input.findings.filter((finding) => finding.kind !== kind);
				const without = settle(before, { ...input, findings: others }).verdict.rung;
				const withIt = settle(before, { ...input, findings: [...others, findingOf(kind)] }).verdict.rung;
				expect(gravity[withIt]).toBeGreaterThanOrEqual(gravity[without]);
				expect(gravity[result.verdict.rung]).toBeGreaterThanOrEqual(gravity[without]);
			}
		}),
	);
});

test("without news nothing changes before the moment that is told", () => {
	const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
	fc.assert(
		fc.property(anySteps, part, (steps, fraction) => {
			for (const { input, result } of runThrough(steps)) {
				// Load that is not yet sustained needs another look, which is news.
				if (input.findings.some(({ sustainMs }) => sustainMs > 0)) continue;
				// Within the longest time that does not look like sleep.
				const endMs = Math.min(result.againAtMs ?? Number.POSITIVE_INFINITY, input.monotonicMs + MINUTE_MS);
				const passedMs = Math.min(Math.floor((endMs - input.monotonicMs) * fraction), endMs - input.monotonicMs - 1);
				if (passedMs < 0) continue;
				const later = settle(result.state, {
					...input,
					nowMs: input.nowMs + passedMs,
					monotonicMs: input.monotonicMs + passedMs,
					isWordGiven: false,
				});
				expect(later.verdict).toEqual(result.verdict);
			}
		}),
	);
});
