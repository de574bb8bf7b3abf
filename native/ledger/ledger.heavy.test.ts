import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { assertNever } from "../base/base.ts";
import type { BatchRecord } from "./records.ts";
import { bytesOf, collect, makeBatch, resultOf } from "./testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

const KILLS = 40;

/** Enough that the batch is not done before the last kill. */
const LINES = 60_000;

/** Longest time a child lives after its first acknowledgement. */
const MAX_LIFE_MS = 120;

/** The batch is made on the test's clock and worked on by the machine's: it must not have expired by then. */
const FOREVER_MS = 100 * 365 * 86_400_000;

const factSchema = z.object({
	lines: z.array(z.number()).optional(),
	fileId: z.string().optional(),
	decided: z.enum(["paused", "queued", "retried", "collected"]).optional(),
	id: z.string().optional(),
	ready: z.boolean().optional(),
	done: z.boolean().optional(),
});

let test: SqliteUnderTest;

beforeEach(async () => {
	test = await sqliteUnderTest();
});

afterEach(() => test.dispose());

/** Runs the child until it is killed at a random moment; answers what it told before. */
function runAndKill(batchId: string): Promise<z.output<typeof factSchema>[]> {
	return new Promise((resolve, reject) => {
		const script = fileURLToPath(new URL("./testing/kill-child.ts", import.meta.url));
		const child = spawn(process.execPath, [script, test.dataDir, batchId], { stdio: ["ignore", "pipe", "inherit"] });
		let told = "";
		child.stdout.on("data", (piece) => {
			if (told === "") setTimeout(() => child.kill("SIGKILL"), Math.random() * MAX_LIFE_MS);
			told += String(piece);
		});
		child.on("error", reject);
		child.on("close", () => {
			// The last line may be cut; what was not told whole was not acknowledged.
			const whole = told
				.slice(0, told.lastIndexOf("\n") + 1)
				.split("\n")
				.filter((line) => line !== "");
			resolve(whole.map((line) => factSchema.parse(JSON.parse(line))));
		});
	});
}

/** What must be true of a batch once that was acknowledged. */
function holds(decided: "paused" | "queued" | "retried" | "collected", batch: BatchRecord | null): boolean {
	switch (decided) {
		case "paused":
			return batch?.pause?.cause === "user";
		case "queued":
			return batch?.isHeld === false;
		case "retried":
			return batch?.round === 1 && batch.failed === 0 && batch.retries === 1;
		case "collected":
			return batch?.status === "completed" && batch.collectedAtMs !== null;
		default:
			return assertNever(decided);
	}
}

it(`loses nothing it acknowledged over ${KILLS} kills`, { timeout: 600_000 }, async () => {
	const batchId = await makeBatch(test.ledger, LINES, { manifest: { windowMs: FOREVER_MS } });
	const acknowledged = new Set<number>();
	const fileIds: string[] = [];
	const decisions = new Set<string>();
	for (let kill = 0; kill < KILLS; kill += 1) {
		await test.close();
		const facts = await runAndKill(batchId);
		for (const { lines = [], fileId } of facts) {
			for (const line of lines) {
				// A line with a recorded result is never handed out again.
				expect(acknowledged.has(line)).toBe(false);
				acknowledged.add(line);
			}
			if (fileId !== undefined) fileIds.push(fileId);
		}
		const ledger = await test.reopen();
		const finished = (await collect(ledger.finishedLines(batchId))).filter((one) => one.result !== null);
		for (const one of finished) expect(one.result?.payload).toBe(resultOf(one.line, `answer ${one.line}`).payload);
		const recorded = new Set(finished.map((one) => one.line));
		expect([...acknowledged].filter((line) => !recorded.has(line))).toEqual([]);
		expect(ledger.batch(batchId)?.completed).toBe(recorded.size);
		for (const id of fileIds.splice(0)) {
			const file = ledger.file(id);
			expect(file).not.toBeNull();
			if (file !== null) expect((await bytesOf(ledger.readFile(file))).length).toBe(file.sizeBytes);
		}
		for (const { decided, id = "" } of facts) {
			if (decided === undefined) continue;
			decisions.add(decided);
			expect([decided, holds(decided, ledger.batch(id))]).toEqual([decided, true]);
		}
		if (kill % 10 === 9) expect(await collect(ledger.verify())).toEqual([]);
		// Recorded though the kill came before it was told: the next child must not run it again either.
		for (const line of recorded) acknowledged.add(line);
	}
	expect(acknowledged.size).toBeGreaterThan(KILLS);
	expect(acknowledged.size).toBeLessThan(LINES);
	expect([...decisions].sort()).toEqual(["collected", "paused", "queued", "retried"]);
});
