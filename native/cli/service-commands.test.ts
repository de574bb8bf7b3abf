import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nightReportSchema } from "../contract/contract.ts";
import { callCommand } from "./call-testing.ts";
import {
	killLeftovers,
	lineAsking,
	lineStarts,
	pictureMessages,
	readJsonLines,
	startServing,
	ticketsPath,
} from "./testing.ts";

let folder: string;
let dataDir: string;
const inFolder = (name: string) => join(folder, name);
const call = (...args: readonly string[]) => callCommand(dataDir, ...args);
const ticketLines = (from: number, to: number) => readFileSync(ticketsPath, "utf8").split("\n").slice(from, to);

/** One service for all: what it did before is no business of the next test. */
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-commands-"));
	dataDir = inFolder("data");
	await startServing(dataDir, folder);
});
afterAll(() => {
	killLeftovers();
	rmSync(folder, { recursive: true, force: true });
});

/** Writes lines to a file of their own; answers its path. */
function fileOf(name: string, lines: readonly string[]): string {
	writeFileSync(inFolder(name), lines.join("\n"));
	return inFolder(name);
}

async function submit(name: string, lines: readonly string[], ...args: readonly string[]): Promise<string> {
	const submitted = await call("submit", fileOf(name, lines), ...args);
	expect(submitted, submitted.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^batch_\w+\n$/) });
	return submitted.stdout.trim();
}

const startsOf = (batch: string) => lineStarts(dataDir).filter((start) => start.batch === batch);

test("a file is handed over, waited for and fetched", async () => {
	const id = await submit("in.jsonl", ticketLines(0, 6));
	const waited = await call("wait", id);
	expect(waited).toMatchObject({ exitCode: 0, stdout: "", stderr: expect.stringContaining("6 of 6 lines done") });
	expect((await call("batches")).stdout).toMatch(new RegExp(`^${id} +done-uncollected +6 of 6 .*not fetched yet`, "m"));

	expect(await call("results", id, "-o", inFolder("out.jsonl"))).toMatchObject({ exitCode: 0, stdout: "" });
	expect(readJsonLines(inFolder("out.jsonl")).map((line) => line.custom_id)).toEqual(
		ticketLines(0, 6).map((line) => JSON.parse(line).custom_id),
	);
	expect((await call("results", id)).stdout).toBe(readFileSync(inFolder("out.jsonl"), "utf8"));
	expect((await call("batches", "--limit", "1")).stdout).toMatch(new RegExp(`^${id} +done +6 of 6`));
});

test("results with their provenance tell when and by which model each was made, and whether they are stale", async () => {
	const id = await submit("fresh.jsonl", ticketLines(0, 2), "--effective-until", "2020-01-01");
	await call("wait", id, "--quiet");
	const fetched = await call("results", id, "--provenance");
	expect(fetched.stderr).toContain("These results are stale");
	const lines = fetched.stdout.trimEnd().split("\n");
	expect(lines).toHaveLength(2);
	for (const line of lines) {
		const made = { model: "demo", model_digest: expect.stringMatching(/^\w{64}$/), stale: true };
		expect(JSON.parse(line)).toMatchObject({ ...made, produced_at: expect.any(Number), is_error: false });
	}
});

test("what failed is told by an exit code, fetched, and run again into the same batch", async () => {
	const lines = [
		lineAsking("good", "I was charged twice."),
		lineAsking("refused", "", { messages: pictureMessages }),
		lineAsking("long", "Feature idea: please add the timeline so that we can tag customer profiles."),
	];
	const id = await submit("partial.jsonl", lines, "--line-tokens", "2");
	expect(await call("wait", id, "--quiet")).toMatchObject({ exitCode: 3, stdout: "", stderr: "" });
	const errors = await call("results", id, "--errors");
	expect(
		errors.stdout
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line)),
	).toMatchObject([
		{ custom_id: "refused", response: { status_code: 400 } },
		{ custom_id: "long", response: { status_code: 422 } },
	]);

	const before = startsOf(id).length;
	for (const choice of [[], ["--may-pass"]]) {
		expect(await call("retry", id, ...choice)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(id) });
		expect(await call("wait", id)).toMatchObject({
			exitCode: 3,
			stderr: expect.stringContaining("3 lines done, 2 failed"),
		});
	}
	expect(startsOf(id).slice(before)).toMatchObject([{ line: 2 }, { line: 2 }]);
});

test("a file with faults is refused with their lines, and so is what can't be handed over", async () => {
	const id = await submit("faulty.jsonl", [lineAsking("a", "x"), "{"]);
	expect(await call("wait", id)).toMatchObject({
		exitCode: 2,
		stderr: expect.stringMatching(/:2: .*invalid_json_line/),
	});
	for (const command of ["submit", "rehearse"]) {
		const missing = await call(command, inFolder("missing.jsonl"));
		expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("can't be read (ENOENT)") });
		const table = await call(command, fileOf("table.csv", ["text", "hello"]));
		expect(table).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Give it with --template.") });
		const model = await call(command, inFolder("in.jsonl"), "--model", "gpt-9");
		expect(model).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("gpt-9") });
	}
	for (const command of ["wait", "results", "pause", "resume", "cancel", "queue", "retry"]) {
		const nowhere = await call(command, "batch_none");
		expect(nowhere, command).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("batch_none") });
	}
});

test("a batch is paused, goes on and is cancelled, and who waits for it hears of each", async () => {
	const id = await submit("later.jsonl", ticketLines(10, 12), "--not-before", "+1d", "--soon");
	const late = await call("wait", id, "--timeout", "1");
	expect(late).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("has not ended within 1 s. It goes on.") });
	const early = await call("results", id);
	expect(early).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("not to begin before") });
	expect(await call("pause", id)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/ paused /) });
	const paused = await call("wait", id);
	expect(paused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`nightshift resume ${id}`) });
	expect(await call("resume", id)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/ waiting /) });
	expect(await call("cancel", id)).toMatchObject({ exitCode: 0 });
	expect(await call("wait", id)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("cancelled") });
	const again = await call("pause", id);
	expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("can't be paused any more") });
});

test("an idempotency key leads to the batch of then, but not with another file", async () => {
	const lines = ticketLines(20, 22);
	const id = await submit("once.jsonl", lines, "--idempotency-key", "once");
	expect(await submit("once.jsonl", lines, "--idempotency-key", "once")).toBe(id);
	const other = await call("submit", fileOf("other.jsonl", ticketLines(22, 24)), "--idempotency-key", "once");
	expect(other).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(id) });
});

test("a rehearsal by the running service is kept: queued, it runs the other lines only", async () => {
	const path = fileOf("rehearsed.jsonl", ticketLines(30, 36));
	const rehearsed = await call("rehearse", path, "--lines", "2", "--spread");
	expect(rehearsed, rehearsed.stderr).toMatchObject({ exitCode: 0 });
	expect(rehearsed.stdout).toMatch(/^── line 6 \(ticket-0036\), \d+ \+ \d+ tokens, [\d.]+ s\n[\s\S]*\n→ \w+\n/m);
	expect(rehearsed.stdout).toContain("6 lines checked, 2 rehearsed.\n4 lines to run, ");
	const [, id = ""] = /nightshift queue (batch_\w+)\n$/.exec(rehearsed.stderr) ?? [];
	expect(await call("wait", id)).toMatchObject({
		exitCode: 1,
		stderr: expect.stringContaining("waits: run the rest with"),
	});
	expect(startsOf(id)).toHaveLength(2);

	expect(await call("queue", id)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(id) });
	expect(await call("wait", id)).toMatchObject({ exitCode: 0 });
	expect(
		startsOf(id)
			.map(({ line }) => line)
			.sort(),
	).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a rehearsal may queue the rest by itself, but not where a line failed", async () => {
	const good = await call("rehearse", fileOf("good.jsonl", ticketLines(40, 43)), "--lines", "1", "--queue", "--json");
	const { batch, forecast } = JSON.parse(good.stdout);
	expect(good).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`nightshift wait ${batch.id}`) });
	expect(forecast).toMatchObject({ lines_left: 2, finish_at: { expected: expect.any(Number) } });
	expect(await call("wait", batch.id)).toMatchObject({ exitCode: 0 });

	const lines = [lineAsking("bad", "", { messages: pictureMessages }), ...ticketLines(43, 45)];
	const bad = await call("rehearse", fileOf("bad.jsonl", lines), "--lines", "1", "--queue");
	expect(bad).toMatchObject({ exitCode: 3, stdout: expect.stringContaining("→ failed: ") });
	expect(bad.stderr).toContain("Looks right? Run the rest: nightshift queue");
});

test("run leaves the folder to the service and says how to hand the file over", async () => {
	const path = fileOf("run.jsonl", ticketLines(0, 1));
	const refused = await call("run", path);
	expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`nightshift submit ${path}`) });
});

test("the night's report tells of all this, in words and as JSON", async () => {
	const told = await call("report");
	expect(told).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Lines +\d+ done, \d+ failed/m) });
	const json = nightReportSchema.parse(JSON.parse((await call("report", "--json")).stdout));
	expect(json.batches.map(({ filename }) => filename)).toContain("rehearsed.jsonl");
	expect(json.lines).toBeGreaterThan(10);
});
