import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { extendedBatchSchema, fileObjectSchema, statusSchema } from "../../native/contract/contract.ts";
import { workOf } from "../state/work.ts";
import { createTestFolder, isAlive, type TestFolder, type TestLink, ticketLines } from "../testing/real-service.ts";
import type { Answer } from "./link.ts";

/** The real service, forked by the Node that runs the tests. */
let folder: TestFolder;

beforeEach(() => {
	folder = createTestFolder();
});
afterEach(() => folder.remove());

const isUp = ({ link }: TestLink) => link.state.service.kind === "up";
const kinds = ({ phases }: TestLink) => phases.map(({ kind }) => kind);

async function started(remembered = {}, nowMs = Date.now): Promise<TestLink> {
	const opened = folder.open(remembered, nowMs);
	await opened.link.start();
	await expect.poll(() => isUp(opened)).toBe(true);
	return opened;
}

function given<Value>(answer: Answer<Value>): Value {
	if (!answer.ok) throw new Error(answer.error.message);
	return answer.value;
}

/** Hands the service so many lines, as the app does with a dropped file; answers the batch's id. */
async function submit({ link }: TestLink, count: number): Promise<string> {
	const path = join(folder.dataDir, `tickets-${count}.jsonl`);
	writeFileSync(path, ticketLines(count));
	const byPath = { method: "POST", path: "/api/files/by-path", answers: fileObjectSchema, limitMs: 30_000 } as const;
	const file = given(await link.call({ ...byPath, body: { path, purpose: "batch" } }));
	const body = { input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" };
	return given(await link.call({ method: "POST", path: "/v1/batches", body, answers: extendedBatchSchema })).id;
}

test("starts the service, asks it, hears how things are, opens its page, works, and leaves no process behind", async () => {
	const opened = folder.open();
	const { link } = opened;
	expect(await link.call({ method: "GET", path: "/api/status", answers: statusSchema })).toMatchObject({
		ok: false,
		error: { kind: "down" },
	});
	await link.start();
	await expect.poll(() => isUp(opened)).toBe(true);
	expect(kinds(opened)).toEqual(["starting", "up"]);
	expect(link.folders?.dataDir).toBe(folder.dataDir);
	const status = given(await link.call({ method: "GET", path: "/api/status", answers: statusSchema }));
	expect(link.state.service).toMatchObject({ version: status.version });
	await expect.poll(() => link.state.machine?.verdict.rung).toBe("run");

	const address = given(await link.pageAddress());
	const [url, code] = address.split("/#code=");
	const headers = { "content-type": "application/json" };
	const body = JSON.stringify({ code: decodeURIComponent(code ?? "") });
	expect((await fetch(`${url}/api/session`, { method: "POST", headers, body })).status).toBe(204);

	const id = await submit(opened, 20);
	await expect.poll(() => opened.notices.map(({ kind, batch_id }) => [kind, batch_id])).toEqual([["completed", id]]);
	await expect.poll(() => link.state.batches.get(id)?.status).toBe("completed");
	expect(opened.keepAwake[0]).toBe(true);

	const pids = await link.pids();
	expect(pids).toContain(status.pid);
	await link.stop();
	expect(pids.filter(isAlive)).toEqual([]);
	expect(await link.pids()).toEqual([]);
	expect(link.state.service).toEqual({ kind: "stopped" });
	expect(opened.keepAwake.at(-1)).toBe(false);
	expect(opened.problems).toEqual([]);

	// The first run of a shell on a folder that a service worked on an hour before.
	const { number } = opened.notices[0] ?? {};
	const later = await started({}, () => Date.now() + 3_600_000);
	await expect.poll(() => later.remembered.lastNotice).toBe(number);
	expect(later.notices).toEqual([]);
	await later.link.stop();
	// A shell that was away when it happened.
	const back = await started({ lastNotice: 0 });
	await expect.poll(() => back.notices).toEqual(opened.notices);
});

test("killed in the middle of work it goes on by itself; stopped there it leaves no process behind and nothing is lost", async () => {
	const first = await started();
	const id = await submit(first, 400);
	const isWorking = () => workOf(first.link.state, Date.now()).isWorking;
	await expect.poll(isWorking, { interval: 5 }).toBe(true);
	const before = await first.link.pids();
	process.kill(first.servicePid(), "SIGKILL");
	await expect.poll(isWorking, { interval: 5 }).toBe(false);
	await expect.poll(isWorking, { interval: 5 }).toBe(true);
	expect(before.filter(isAlive)).toEqual([]);

	const pids = await first.link.pids();
	// The service and its inference process.
	expect(pids.length).toBeGreaterThanOrEqual(2);
	await first.link.stop();
	expect(pids.filter(isAlive)).toEqual([]);

	const second = await started();
	await expect.poll(() => second.link.state.batches.get(id)?.status).toBe("in_progress");
	expect(second.link.state.batches.get(id)?.request_counts.total).toBe(400);
});

test("three kills are put up with, the fourth within a minute is a matter for people, whose word starts it again", async () => {
	const opened = await started();
	const { link } = opened;
	const killed = async () => process.kill(opened.servicePid(), "SIGKILL");
	await expect.poll(() => link.state.machine).not.toBeNull();
	const heardOfFirst = link.state.machine;
	for (const attempt of [1, 2, 3]) {
		await killed();
		await expect.poll(() => opened.phases.at(-1)?.kind).not.toBe("up");
		expect(opened.phases).toContainEqual({ kind: "restarting", attempt, delayMs: 250 * 2 ** (attempt - 1) });
		await expect.poll(() => isUp(opened)).toBe(true);
		expect(await link.call({ method: "GET", path: "/api/status", answers: statusSchema })).toMatchObject({ ok: true });
	}
	await expect.poll(() => link.state.machine).not.toBe(heardOfFirst);

	await killed();
	await expect.poll(() => link.state.service.kind).toBe("given-up");
	expect(link.state.service).toMatchObject({ message: expect.stringContaining("4 times within a minute") });
	expect(await link.pids()).toEqual([]);
	expect(kinds(opened)).toEqual([
		"starting",
		...["up", "restarting", "starting"],
		...["up", "restarting", "starting"],
		...["up", "restarting", "starting"],
		...["up", "given-up"],
	]);

	await link.restart();
	await expect.poll(() => isUp(opened)).toBe(true);
	await expect
		.poll(() => link.call({ method: "GET", path: "/api/status", answers: z.unknown() }))
		.toMatchObject({ ok: true });
});

test("a second service on the same folder is given up at once, with the reason, and the first goes on", async () => {
	const first = await started();
	const second = folder.open();
	await second.link.start();
	await expect.poll(() => second.link.state.service.kind).toBe("given-up");
	expect(second.link.state.service).toMatchObject({ message: expect.stringContaining("Another Nightshift is using") });
	expect(kinds(second)).toEqual(["starting", "given-up"]);
	expect(isUp(first)).toBe(true);

	await first.link.stop();
	await second.link.restart();
	await expect.poll(() => isUp(second)).toBe(true);
});
