import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { words } from "../words/words.ts";
import { tickets } from "./files.ts";
import { hasEnded, listBatches, untilBatch } from "./jobs.ts";
import { startWorld } from "./testing.ts";

const world = startWorld();
/** More than any screen has on the way to anything: then it can't be reached. */
const MOST_STEPS = 80;

/** What has the focus: its name for screen readers, or what it says. */
const focused = (page: Page) =>
	page.evaluate(() => {
		const element = document.activeElement;
		return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
	});

/** Presses Tab until something of that name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
	const passed: string[] = [];
	for (let step = 0; step < MOST_STEPS; step++) {
		await page.keyboard.press("Tab");
		const now = await focused(page);
		if (now === name) return;
		passed.push(now);
	}
	throw new Error(`Tab never comes to '${name}', only to ${JSON.stringify(passed)}`);
}

test("from choosing a file to reading an answer by the keyboard alone", async () => {
	const file = tickets("typed.jsonl", 600, 612);
	const { page } = await world.open();
	const w = words.drop;
	await tabTo(page, w.choose);
	const choosing = page.waitForEvent("filechooser");
	// The browser has to hear first that the chooser is ours: what is asked after that is answered after it.
	await page.evaluate(() => null);
	await page.keyboard.press("Enter");
	const chooser = await choosing;
	await chooser.setFiles([{ name: file.name, mimeType: "", buffer: Buffer.from(file.content) }]);

	await page.getByText(w.forecastTitle).waitFor();
	await expect.poll(() => focused(page)).toBe(file.name);
	await tabTo(page, w.options);
	await page.keyboard.press("Enter");
	await tabTo(page, w.standard);
	await page.keyboard.press("ArrowRight");
	await page.getByText(w.changed).waitFor();
	await tabTo(page, w.rehearseAgain);
	await page.keyboard.press("Enter");
	const queue = page.getByRole("button", { name: w.looksRight });
	await queue.and(page.locator(":enabled")).waitFor();
	await tabTo(page, w.looksRight);
	await page.keyboard.press("Enter");
	await queue.waitFor({ state: "detached" });
	await expect.poll(() => focused(page)).toBe(w.choose);
	// The first rehearsal, made before the options were changed, is on its way out, and of the same name.
	await expect.poll(async () => (await listBatches(world.service)).length).toBe(1);
	const queued = (await listBatches(world.service)).filter(({ priority }) => priority === "soon");
	expect(queued).toMatchObject([{ input_filename: file.name, is_rehearsal: false }]);
	await untilBatch(world.service, queued[0]?.id ?? "", hasEnded);

	await page.keyboard.press("Shift+Tab");
	await tabTo(page, w.allJobs);
	await page.keyboard.press("Enter");
	await tabTo(page, file.name);
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { name: file.name, level: 1 }).waitFor();
	await tabTo(page, words.jobs.lines.listLabel);
	await page.keyboard.press("End");
	await page.keyboard.press("ArrowUp");
	await page.keyboard.press("Enter");
	await page.getByRole("dialog", { name: words.jobs.line.title("11") }).waitFor();
	await page.keyboard.press("Escape");
	await expect.poll(() => focused(page)).toBe(words.jobs.lines.listLabel);
	await tabTo(page, words.jobs.job.back);
	await page.keyboard.press("Enter");
	await page.getByRole("list", { name: words.jobs.list.listLabel }).waitFor();
});

test("the way past the navigation is the first stop", async () => {
	const { page } = await world.open({ at: "#/jobs" });
	await page.evaluate(() => document.body.focus());
	await page.reload();
	await page.getByRole("main").waitFor();
	await page.keyboard.press("Tab");
	await expect.poll(() => focused(page)).toBe(words.common.skipToContent);
	await page.keyboard.press("Enter");
	await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("content");
	expect(new URL(page.url()).hash).toBe("#/jobs");
});
