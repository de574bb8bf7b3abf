import { expect, test } from "vitest";
import { lineStarts } from "../../native/cli/testing.ts";
import { words } from "../words/words.ts";
import { tickets } from "./files.ts";
import { contentOf, hasEnded, idsOf, resultsAlone, submit, untilBatch } from "./jobs.ts";
import { startWorld } from "./testing.ts";

const world = startWorld();
const w = words.jobs;

test("a page that is loaded again in the middle of a batch shows the same, and nothing is done twice", async () => {
	const file = tickets("reloaded.jsonl", 0, 600);
	const id = await submit(world.service, file);
	const { page } = await world.open({ at: `#/jobs/${id}` });
	const progress = page.getByRole("progressbar", { name: w.row.progress(file.name) });
	for (let round = 1; round <= 3; round++) {
		await untilBatch(world.service, id, ({ request_counts: { completed } }) => completed >= round * 4);
		await page.reload();
		await progress.waitFor();
		// What the page is told first may be a second old.
		const shown = async () => Number(await progress.getAttribute("aria-valuenow"));
		await expect.poll(shown).toBeGreaterThanOrEqual((round * 4 * 100) / 600);
	}
	const batch = await untilBatch(world.service, id, hasEnded);
	await page.getByText(w.states["done-uncollected"], { exact: true }).first().waitFor();
	const ids = idsOf(await contentOf(world.service, batch.output_file_id));
	expect(ids).toEqual(idsOf(file.content));
	const starts = lineStarts(world.service.dataDir).filter((start) => start.batch === id);
	expect(new Set(starts.map(({ line }) => line)).size).toBe(starts.length);
});

test("the service is killed and comes back: the page says so, goes on by itself, and the results are right", async () => {
	const file = tickets("killed.jsonl", 700, 900);
	const id = await submit(world.service, file);
	const visit = await world.open({ at: `#/jobs/${id}` });
	const { page } = visit;
	// Whatever is under way when the service dies fails, each in its own way.
	visit.expectFaults(/net::ERR_/);
	const progress = page.getByRole("progressbar", { name: w.row.progress(file.name) });
	await progress.waitFor();
	await untilBatch(world.service, id, ({ request_counts: { completed } }) => completed >= 4);

	await world.service.kill();
	const banner = page.getByText(words.common.offlineTitle);
	await banner.waitFor();
	await progress.waitFor();
	await world.service.start();
	await banner.waitFor({ state: "detached" });
	expect(await page.getByText(words.common.signedOutTitle).count()).toBe(0);

	const batch = await untilBatch(world.service, id, hasEnded);
	await page.getByText(w.states["done-uncollected"], { exact: true }).first().waitFor();
	expect(await contentOf(world.service, batch.output_file_id)).toBe(await resultsAlone(file));
});

test("a screen that is first gone to while the service is away comes when it is back", async () => {
	const { page, expectFaults } = await world.open();
	expectFaults(/net::ERR_/);
	await world.service.kill();
	await page.getByText(words.common.offlineTitle).waitFor();
	await page.getByRole("link", { name: words.common.settings }).click();
	await world.service.start();
	await page.getByRole("navigation", { name: words.settings.sections }).waitFor();
});

test("a page that was opened without a code says how to open it", async () => {
	const { page, expectFaults } = await world.open();
	expectFaults(/401/);
	await page.context().clearCookies();
	await page.reload();
	await page.getByRole("heading", { name: words.common.signedOutTitle }).waitFor();
	await page.getByText(words.common.signedOutCommand).waitFor();
	expect(await page.getByRole("navigation").count()).toBe(0);
});
