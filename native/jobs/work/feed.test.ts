import { expect, test } from "vitest";
import { systemClock } from "../../base/base.ts";
import type { Lease, LeasedLine, Ledger, LineResult } from "../../ledger/ledger.ts";
import { sampleLine, sampleResult } from "../testing.ts";
import type { LineOutcome } from "./answers.ts";
import { promptText } from "./batch-line.ts";
import { type FeedDeps, feedBatch } from "./feed.ts";
import { createGatherer, type Gatherer } from "./gather.ts";
import { createSuspicion } from "./suspicion.ts";

type FeedLedger = FeedDeps["ledger"];

/** A line whose crashes the disk can't take. */
const UNCOUNTABLE = 77;

/** The three calls a feed makes, over lines in memory. */
function leasing(lines: readonly LeasedLine[]) {
	let next = 0;
	const crashes = new Map<number, number>();
	const released: string[] = [];
	const ledger: FeedLedger = {
		claim(batchId, max, durationMs): Lease | null {
			if (next >= lines.length) return null;
			const slice = lines.slice(next, next + max);
			next += max;
			return { token: `lease-${next}`, batchId, lines: slice, durationMs };
		},
		release(token) {
			released.push(token);
		},
		async countCrash(_batchId, line) {
			if (line === UNCOUNTABLE) throw new Error("no space left");
			const count = (crashes.get(line) ?? 0) + 1;
			crashes.set(line, count);
			return count;
		},
	} satisfies Pick<Ledger, "claim" | "release" | "countCrash">;
	return { ledger, released };
}

interface FeedOptions {
	readonly stop?: AbortSignal;
	readonly drain?: AbortSignal;
	readonly backoffMs?: number;
	/** Takes the results instead of the test. */
	readonly gatherer?: Gatherer;
}

async function feed(
	lines: readonly LeasedLine[],
	runLine: (line: LeasedLine, running: number) => Promise<LineOutcome>,
	options: FeedOptions = {},
) {
	const { stop = new AbortController().signal, drain = new AbortController().signal, backoffMs = 0 } = options;
	const { ledger, released } = leasing(lines);
	const results: LineResult[] = [];
	let running = 0;
	await feedBatch(
		{
			ledger,
			gatherer: options.gatherer ?? {
				add: (result) => results.push(result),
				hasten: () => {},
				room: async () => {},
				drain: async () => {},
				letGo: async () => {},
			},
			moreLines: async () => false,
			runLine: async (line) => {
				running++;
				try {
					return await runLine(line, running);
				} finally {
					running--;
				}
			},
			quarantine: (line, detail) => sampleResult(line.line, { isError: true, payload: detail }),
			promptText: (line) => promptText(JSON.parse(Buffer.from(line.bytes).toString())),
			inFlight: 4,
			onDone: () => {},
			suspicion: createSuspicion({ most_crashes: 2, retry_backoff_ms: backoffMs }),
			clock: systemClock,
		},
		"batch",
		{ stop, drain },
	);
	return { results, released };
}

const done = (line: LeasedLine): LineOutcome => ({ kind: "done", result: sampleResult(line.line) });
const range = (count: number) => Array.from({ length: count }, (_, line) => sampleLine(line));

test("every line is run once, however many slices it takes, with no more at once than asked", async () => {
	let most = 0;
	const { results, released } = await feed(range(1_200), async (line, running) => {
		most = Math.max(most, running);
		await Promise.resolve();
		return done(line);
	});
	expect(results.map((result) => result.line).sort((a, b) => a - b)).toEqual(range(1_200).map(({ line }) => line));
	expect(most).toBe(4);
	expect(released).toHaveLength(3);
});

test("the last lines are recorded without delay, those before them are not", async () => {
	const added: number[] = [];
	const hastened: number[] = [];
	const gatherer: Gatherer = {
		add: (result) => added.push(result.line),
		hasten: () => hastened.push(added.length),
		room: async () => {},
		drain: async () => {},
		letGo: async () => {},
	};
	await feed(range(100), async (line) => done(line), { gatherer });
	// Four run at once, and four more are in hand when there turn out to be no others.
	expect(Math.min(...hastened)).toBeGreaterThanOrEqual(92);
	expect(hastened.at(-1)).toBe(100);
});

test("lines of a slice run in the order of their prompts, not of the file", async () => {
	const contents = ["B 2", "A 1", "B 1", "A 2"];
	const lines = contents.map((content, line) => {
		const body = { messages: [{ role: "user", content }] };
		return sampleLine(line, { bytes: Buffer.from(JSON.stringify({ url: "/v1/chat/completions", body })) });
	});
	const order: number[] = [];
	await feed(lines, async (line) => {
		order.push(line.line);
		return done(line);
	});
	expect(order).toEqual([1, 3, 2, 0]);
});

test("a line that crashes the process is found by running the suspects alone, and the others are answered", async () => {
	const { results } = await feed(range(12), async (line, running) => {
		await Promise.resolve();
		const poisoned = line.line === 2 || (running > 1 && line.line < 4);
		return poisoned ? { kind: "process-died", cause: "crashed", started: true, detail: "SIGSEGV" } : done(line);
	});
	const failed = results.filter((result) => result.isError);
	expect(results).toHaveLength(12);
	expect(failed).toMatchObject([{ line: 2, payload: "SIGSEGV" }]);
});

test("kills from outside are nobody's fault: the lines just run again", async () => {
	const killed = new Set<number>();
	const { results } = await feed(range(8), async (line) => {
		if (killed.has(line.line)) return done(line);
		killed.add(line.line);
		return { kind: "process-died", cause: "killed", started: true, detail: "SIGKILL" };
	});
	expect(results.filter((result) => result.isError)).toEqual([]);
	expect(results).toHaveLength(8);
});

test("a line whose process is killed every time does not stop the batch for ever", async () => {
	const { results } = await feed(range(3), async (line) =>
		line.line === 1 ? { kind: "process-died", cause: "killed", started: true, detail: "out of memory" } : done(line),
	);
	expect(results.filter((result) => result.isError)).toMatchObject([{ line: 1 }]);
	expect(results).toHaveLength(3);
});

test("a line that was there at a crash before a restart of the service runs alone", async () => {
	const lines = [sampleLine(0), sampleLine(1, { crashes: 1 }), sampleLine(2)];
	const companions = new Map<number, number>();
	await feed(lines, async (line, running) => {
		companions.set(line.line, running - 1);
		await Promise.resolve();
		return done(line);
	});
	expect(companions.get(1)).toBe(0);
});

test("when told to stop it starts nothing more and gives its leases back", async () => {
	const stop = new AbortController();
	let started = 0;
	const { results, released } = await feed(
		range(100),
		async (line) => {
			started++;
			if (started === 10) stop.abort();
			return stop.signal.aborted ? { kind: "aborted" } : done(line);
		},
		{ stop: stop.signal },
	);
	expect(started).toBeLessThan(20);
	expect(results.length).toBeLessThan(started);
	expect(released).toHaveLength(1);
});

test("when drained it starts nothing more, keeps what running lines give, and gives its leases back", async () => {
	const drain = new AbortController();
	let started = 0;
	const { results, released } = await feed(
		range(100),
		async (line) => {
			started++;
			if (started === 10) drain.abort();
			await new Promise(setImmediate);
			return done(line);
		},
		{ drain: drain.signal },
	);
	expect(started).toBeLessThan(20);
	expect(results).toHaveLength(started);
	expect(released).toHaveLength(1);
});

test("a line that was in a death of the process waits before it runs again, while others run", async () => {
	const order: number[] = [];
	const { results } = await feed(
		range(50),
		async (line) => {
			const isFirst = !order.includes(line.line);
			order.push(line.line);
			await Promise.resolve();
			const isDead = line.line === 0 && isFirst;
			return isDead ? { kind: "process-died", cause: "killed", started: true, detail: "SIGKILL" } : done(line);
		},
		{ backoffMs: 100 },
	);
	expect(results).toHaveLength(50);
	expect(order).toHaveLength(51);
	expect(order.at(-1)).toBe(0);
});

test("a line that waits to run again does not hold a drain up", async () => {
	const drain = new AbortController();
	const { results } = await feed(
		range(1),
		async () => {
			setImmediate(() => drain.abort());
			return { kind: "process-died", cause: "killed", started: true, detail: "SIGKILL" };
		},
		{ drain: drain.signal, backoffMs: 300_000 },
	);
	expect(results).toEqual([]);
});

test("a crash that can't be recorded ends the work with its reason, and what was answered is kept", async () => {
	const results: LineResult[] = [];
	const feeding = feed([...range(3), sampleLine(UNCOUNTABLE)], async (line) => {
		await Promise.resolve();
		if (line.line === UNCOUNTABLE) return { kind: "process-died", cause: "crashed", started: true, detail: "SIGSEGV" };
		results.push(sampleResult(line.line));
		return done(line);
	});
	await expect(feeding).rejects.toThrow("no space left");
	expect(results).toHaveLength(3);
});

test("told to stop while the disk takes nothing, it ends all the same", async () => {
	const stop = new AbortController();
	const gatherer = createGatherer({
		recordAfterMs: () => 10,
		commit: () => Promise.reject(new Error("no space left")),
		onTrouble: () => stop.abort(),
	});
	await feed(range(3), async (line) => done(line), { stop: stop.signal, gatherer });
	expect(stop.signal.aborted).toBe(true);
});
