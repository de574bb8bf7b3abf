import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { machineStatusSchema } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { tickets } from "./files.ts";
import { batchOf, hasEnded, submit, untilBatch } from "./jobs.ts";
import { given, startWorld } from "./testing.ts";

const world = startWorld();
const w = words.common;
/** Gzipped; the page is also fetched over a slow link by those who reach their machine from afar. */
const MOST_SCRIPT_BYTES = 200_000;

test("the first view needs less than 200 KB of scripts", async () => {
	const { page } = await world.open();
	await page.getByRole("heading", { name: words.drop.nowTitle }).waitFor();
	const scripts = await page.evaluate(() =>
		performance
			.getEntriesByType("resource")
			.map(({ name }) => name)
			.filter((name) => new URL(name).pathname.endsWith(".js")),
	);
	const sizes = await Promise.all(
		scripts.map(async (url) => gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length),
	);
	expect(sizes.length).toBeGreaterThan(0);
	expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_SCRIPT_BYTES);
});

test("the page runs under a policy that allows nothing inline and nothing from elsewhere, and needs nothing more", async () => {
	const answer = await fetch(world.service.url);
	const policy = answer.headers.get("content-security-policy") ?? "";
	expect(policy).toContain("default-src 'none'");
	expect(policy).toContain("script-src 'self'");
	expect(policy).toContain("style-src 'self'");
	expect(policy).not.toContain("unsafe-");
	const html = await answer.text();
	expect(html).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/i);

	const visit = await world.open();
	const { page } = visit;
	for (const screen of ["jobs", "chat", "machines", "models", "morning", "settings", "welcome"]) {
		await page.goto(`${world.service.url}/#/${screen}`);
		await page.getByRole("main").getByRole("heading").first().waitFor();
		const inline = await page.evaluate(() => document.querySelectorAll("style, script:not([src])").length);
		expect(inline, screen).toBe(0);
	}
});

test("every screen can be gone to, and says which one it is", async () => {
	const { page } = await world.open();
	const links = page.getByRole("navigation", { name: w.navigation }).getByRole("link");
	expect(await links.allInnerTexts()).toEqual([w.home, w.jobs, w.chat, w.machines, w.models, w.morning, w.settings]);
	for (const link of await links.all()) {
		await link.click();
		await expect.poll(() => link.getAttribute("aria-current")).toBe("page");
		await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
	}
});

test("work is snoozed, paused and let go on from the bar on every screen, which says so", async () => {
	const { page } = await world.open({ at: "#/machines" });
	const bar = page.getByRole("contentinfo");
	const chooseRest = async (entry: string) => {
		await bar.getByRole("button", { name: w.snooze }).click();
		await page.getByRole("menuitem", { name: entry }).click();
	};
	const machine = async () => given(await world.service.client.call("/api/machine", machineStatusSchema));

	await chooseRest(`${w.snooze} ${w.snoozeFor["3h"]}`);
	await bar.getByText(/snoozed/i).waitFor();
	expect((await machine()).rest.snoozedUntilMs).not.toBeNull();
	const id = await submit(world.service, tickets("paused.jsonl", 500, 530));
	await chooseRest(w.pauseAll);
	await bar.getByText(/paused/i).waitFor();
	expect((await machine()).rest.isPaused).toBe(true);
	expect(hasEnded(await batchOf(world.service, id))).toBe(false);
	await chooseRest(w.resumeAll);
	await bar.getByText(/may run/i).waitFor();
	expect((await machine()).rest).toEqual({ isPaused: false, snoozedUntilMs: null });
	await untilBatch(world.service, id, hasEnded);
});
