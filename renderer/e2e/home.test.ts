import { expect, test } from "vitest";
import { words } from "../words/words.ts";
import { choose, drop, faulty, tickets } from "./files.ts";
import { batchNamed, contentOf, hasEnded, idsOf, listBatches, resultsAlone, savedText, untilBatch } from "./jobs.ts";
import { startWorld, type Visit } from "./testing.ts";

const world = startWorld();
const w = words.drop;
const cardOf = ({ page }: Visit, name: string) => page.getByRole("article", { name });

test("a dropped file is rehearsed, queued, run and downloaded, with the answers it has when it is run alone", async () => {
	const file = tickets("good.jsonl", 0, 80);
	const visit = await world.open();
	const { page } = visit;
	await drop(visit, file);

	const card = cardOf(visit, file.name);
	await card.getByText(w.forecastTitle).waitFor();
	const rehearsed = card.getByRole("listitem").filter({ hasText: w.answered });
	await expect.poll(() => rehearsed.count()).toBe(5);
	const first = await rehearsed.first().innerText();
	expect(first).toContain("ticket-0001");
	expect(first).toContain("Could you add the gantt diagram");
	expect(first).toContain("feature_request");
	const forecast = await card.innerText();
	for (const figure of [w.forecast.ready, w.forecast.work, w.forecast.left, w.forecast.tokens])
		expect(forecast).toContain(figure);
	expect((await batchNamed(world.service, file.name)).is_rehearsal).toBe(true);

	await card.getByRole("button", { name: w.looksRight }).click();
	await card.waitFor({ state: "detached" });
	await page
		.getByRole("progressbar", { name: w.progressOf(file.name) })
		.first()
		.waitFor();
	const { id } = await batchNamed(world.service, file.name);
	const batch = await untilBatch(world.service, id, hasEnded);
	expect(batch).toMatchObject({ status: "completed", request_counts: { total: 80, completed: 80, failed: 0 } });

	await page.getByRole("region", { name: w.doneTitle }).getByRole("link", { name: file.name }).click();
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("button", { name: words.jobs.actions.results }).click(),
	]);
	expect(download.suggestedFilename()).toBe("good-results.jsonl");
	const results = await savedText(download);
	expect(results).toBe(await contentOf(world.service, batch.output_file_id));
	expect(idsOf(results)).toEqual(idsOf(file.content));
	expect(results).toBe(await resultsAlone(file));
});

test("a file with faults is refused as a whole, with every fault in a table", async () => {
	const visit = await world.open();
	await choose(visit, faulty);
	const card = cardOf(visit, faulty.name);
	const table = card.getByRole("table", { name: w.faultsTable(faulty.name) });
	await table.waitFor();
	expect(await table.getByRole("columnheader").allInnerTexts()).toEqual([w.line, w.field, w.fault, w.text]);
	const rows = await table
		.getByRole("row")
		.filter({ has: visit.page.getByRole("cell") })
		.all();
	const cells = await Promise.all(rows.map((row) => row.getByRole("cell").allInnerTexts()));
	expect(cells.map(([line]) => Number(line?.replace(/\D+/g, "")))).toEqual(faulty.lines);
	for (const [, , message, text] of cells) expect([message, text]).not.toContain("");
	expect(cells[3]?.[1]).toBe("body.temperature");

	await card.getByText(w.faultsTitle("4", false)).waitFor();
	expect(await card.getByRole("button", { name: w.looksRight }).count()).toBe(0);
	const ofIt = (await listBatches(world.service)).filter((batch) => batch.input_filename === faulty.name);
	expect(ofIt.map(({ status }) => status)).toEqual(["failed"]);
	await card.getByRole("button", { name: w.discard, exact: true }).click();
	await card.waitFor({ state: "detached" });
});

test("several files are dropped at once, each for itself", async () => {
	const visit = await world.open();
	const [one, two] = [tickets("one.jsonl", 30, 33), tickets("two.jsonl", 33, 36)];
	await drop(visit, one, two);
	for (const { name } of [one, two]) {
		const card = cardOf(visit, name);
		await card.getByRole("button", { name: w.looksRight }).click();
		await card.waitFor({ state: "detached" });
		const { id } = await batchNamed(world.service, name);
		expect(await untilBatch(world.service, id, hasEnded)).toMatchObject({ status: "completed" });
	}
});
