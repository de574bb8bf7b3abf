import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DownReason, downAction, downQuery } from "../down-page.ts";

const path = fileURLToPath(new URL("./down.html", import.meta.url));
const programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

let browser: Browser;
beforeAll(async () => {
	const executablePath = programs.find((program) => existsSync(program));
	if (executablePath === undefined) throw new Error("There is no Chromium. Install it: apt-get install chromium");
	// Chromium's own sandbox does not start for root.
	browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
});
afterAll(() => browser.close());

/** Loads the page as the shell does; `faults`: what the browser complains of. */
async function load(
	query: Record<string, string>,
): Promise<{ readonly page: Page; readonly faults: readonly string[] }> {
	const page = await browser.newPage({ viewport: { width: 380, height: 640 }, colorScheme: "dark" });
	const faults: string[] = [];
	page.on("console", (message) => void faults.push(message.text()));
	page.on("pageerror", (error) => void faults.push(error.message));
	const address = pathToFileURL(path);
	address.search = new URLSearchParams(query).toString();
	await page.goto(address.href);
	return { page, faults };
}

const givenUp: DownReason = { kind: "given-up", message: "The data folder is in use by another Nightshift." };

test("says what is the matter, in its own look, without breaking its own policy", async () => {
	const { page, faults } = await load(downQuery(givenUp));
	expect(await page.innerText("main")).toContain("Nightshift can't start");
	expect(await page.innerText("#detail")).toBe("The data folder is in use by another Nightshift.");
	expect(await page.title()).toBe("Nightshift can't start");
	expect(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")).toBe("rgb(19, 20, 25)");
	expect(faults).toEqual([]);
	await page.close();
});

test("offers to try again and the logs, by links to itself that the shell understands", async () => {
	const { page } = await load(downQuery(givenUp));
	const follow = async (label: string) => {
		await page.getByRole("link", { name: label }).click();
		await page.waitForURL(/do=/);
		const action = downAction(page.url());
		await page.goBack();
		return action;
	};
	expect(await follow("Try again")).toBe("try-again");
	expect(await follow("Open logs folder")).toBe("logs");
	await page.close();
});

test("offers nothing to try where it goes on by itself", async () => {
	const { page } = await load(downQuery({ kind: "restarting", attempt: 2, delayMs: 500 }));
	expect(await page.getByRole("link").allInnerTexts()).toEqual(["Open logs folder"]);
	expect(await page.innerText("#detail")).toBe("Attempt 2");
	await page.close();
});

test("takes what it is told for text, never for markup", async () => {
	const message = `<img src=x onerror="document.title='broken'"><script>document.title='broken'</script>&amp;`;
	const { page, faults } = await load(downQuery({ kind: "unreachable", message }));
	expect(await page.innerText("#detail")).toBe(message);
	expect(await page.title()).not.toBe("broken");
	expect(await page.locator("img").count()).toBe(0);
	expect(faults).toEqual([]);
	await page.close();
});

test("runs no script but its own, even if some were in it", async () => {
	const { page, faults } = await load(downQuery(givenUp));
	await page.evaluate(`{
		const script = document.createElement("script");
		script.textContent = "document.title = 'broken'";
		document.body.append(script);
	}`);
	expect(await page.title()).not.toBe("broken");
	expect(faults.join()).toContain("Content Security Policy");
	await page.close();
});
