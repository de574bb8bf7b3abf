import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { lineStarts } from "../../native/cli/testing.ts";
import { words } from "../words/words.ts";
import { manyDifferentTickets, tickets, ticketsWithPictures } from "./files.ts";
import { batchOf, contentOf, hasEnded, idsOf, resultsAlone, savedText, submit, untilBatch } from "./jobs.ts";
import { startWorld } from "./testing.ts";

const world = startWorld();
const w = words.jobs;
const openJob = (id: string) => world.open({ at: `#/jobs/${id}` });

/** Chooses an entry of the job's menu. */
async function chooseInMenu(page: Page, name: string, entry: string): Promise<void> {
	await page.getByRole("button", { name: w.row.actions(name) }).click();
	await page.getByRole("menuitem", { name: entry }).click();
}

test("a running batch is cancelled after a question, and what is answered so far is kept", async () => {
	// More than can be done before somebody has found the menu.
	const file = manyDifferentTickets("cancelled.jsonl", 3_000);
	const id = await submit(world.service, file);
	const { page } = await openJob(id);
	await untilBatch(world.service, id, ({ request_counts: { completed } }) => completed > 0);

	await chooseInMenu(page, file.name, w.actions.cancel);
	const dialog = page.getByRole("dialog", { name: w.cancel.title(file.name) });
	await dialog.getByRole("button", { name: words.common.cancel, exact: true }).click();
	await dialog.waitFor({ state: "detached" });
	expect((await batchOf(world.service, id)).status).toBe("in_progress");

	await chooseInMenu(page, file.name, w.actions.cancel);
	await dialog.getByRole("button", { name: w.cancel.action }).click();
	await page.getByText(w.states.cancelled, { exact: true }).waitFor();
	const { status, request_counts: counts, output_file_id } = await untilBatch(world.service, id, hasEnded);
	expect(status).toBe("cancelled");
	expect(counts.completed).toBeLessThan(3_000);
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("button", { name: w.actions.results }).click(),
	]);
	const results = await savedText(download);
	expect(results).toBe(await contentOf(world.service, output_file_id));
	expect(idsOf(results)).toHaveLength(counts.completed);
});

test("lines that crashed with the inference process are retried with one click, and nothing else is run again", async () => {
	const file = tickets("crashed.jsonl", 300, 500);
	const id = await submit(world.service, file, { policy: { most_crashes: 1, give_up_percent: null } });
	await untilBatch(world.service, id, ({ request_counts: { completed } }) => completed > 0);
	expect(world.service.crashInference()).toBeGreaterThan(0);
	const before = await untilBatch(world.service, id, hasEnded);
	expect(before.request_counts.failed).toBeGreaterThan(0);
	const answered = new Set(idsOf(await contentOf(world.service, before.output_file_id)));
	const startsBefore = lineStarts(world.service.dataDir).length;

	const { page } = await openJob(id);
	await page.getByRole("heading", { name: w.failures.title }).waitFor();
	await page.getByRole("button", { name: w.actions.retry }).click();
	const dialog = page.getByRole("dialog", { name: w.retry.title });
	await dialog.getByRole("radio", { name: w.retry.all }).click();
	await dialog.getByRole("button", { name: w.retry.action, exact: true }).click();
	await dialog.waitFor({ state: "detached" });
	const after = await untilBatch(world.service, id, (batch) => batch.round === 1 && hasEnded(batch));
	expect(after.request_counts).toEqual({ total: 200, completed: 200, failed: 0 });
	await page.getByRole("heading", { name: w.failures.title }).waitFor({ state: "detached" });

	const ids = idsOf(file.content);
	const again = lineStarts(world.service.dataDir).slice(startsBefore);
	expect(again.map(({ line }) => ids[line]).filter((one) => one !== undefined && answered.has(one))).toEqual([]);
	const results = await contentOf(world.service, after.output_file_id);
	expect(results).toBe(await resultsAlone(file));
});

test("failed lines are told by reason, filtered, and looked at one by one", async () => {
	const file = ticketsWithPictures("pictures.jsonl", 400, 410);
	const id = await submit(world.service, file);
	await untilBatch(world.service, id, hasEnded);
	const { page } = await openJob(id);
	await page.getByRole("button", { name: w.failures.open("11"), exact: true }).click();
	const dialog = page.getByRole("dialog", { name: w.line.title("11") });
	await dialog.getByRole("region", { name: w.line.failed }).waitFor();
	await dialog.getByRole("button", { name: w.line.next }).click();
	await page
		.getByRole("dialog", { name: w.line.title("12") })
		.getByText("picture-2")
		.first()
		.waitFor();
	await page.keyboard.press("Escape");

	await page.getByRole("radio", { name: w.lines.filters.failed }).click();
	const found = page.getByRole("listbox", { name: w.lines.listLabel }).getByRole("option");
	await expect.poll(() => found.count()).toBe(2);
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		chooseInMenu(page, file.name, w.actions.errors),
	]);
	expect(idsOf(await savedText(download))).toEqual(["picture-1", "picture-2"]);
});
