import { expect, test } from "vitest";
import { words } from "../words/words.ts";
import { startWorld } from "./testing.ts";

const world = startWorld();
const w = words.settings;

test("a setting is saved when its field is left, and is still there after a reload", async () => {
	const { page } = await world.open({ at: "#/settings/energy" });
	const price = page.getByRole("textbox", { name: w.energy.price });
	await price.fill("0.42");
	const [saved] = await Promise.all([
		page.waitForResponse((response) => response.request().method() === "PATCH"),
		page.keyboard.press("Tab"),
	]);
	expect(saved.status()).toBe(200);
	await page.reload();
	await expect.poll(() => price.inputValue()).toBe("0.42");
});

test("a value that the service refuses stays in its field with the reason, and is not in force", async () => {
	const { page, expectFaults } = await world.open({ at: "#/settings/energy" });
	expectFaults(/settings.*400|400.*settings/);
	const currency = page.getByRole("textbox", { name: w.energy.currency });
	await currency.fill("EURO");
	await page.keyboard.press("Enter");
	const alert = page.getByRole("alert").filter({ hasText: w.notSaved("") });
	await alert.waitFor();
	expect(await alert.innerText()).toContain("Three capital letters");
	expect(await currency.inputValue()).toBe("EURO");
	await page.reload();
	await expect.poll(() => currency.inputValue()).toBe("EUR");
});

test("a key is made, shown once, needed from then on by programs but not by the page, and taken back", async () => {
	const { page } = await world.open({ at: "#/settings/api" });
	await page.getByRole("textbox", { name: w.api.keyName }).fill("editor");
	await page.keyboard.press("Enter");
	const made = page.getByRole("status").filter({ hasText: w.api.keyMade("editor") });
	const secret = /nsk_\S+/.exec(await made.innerText())?.[0] ?? "";
	const ask = (headers: Record<string, string>) => fetch(`${world.service.url}/v1/models`, { headers });
	expect((await ask({})).status).toBe(401);
	expect((await ask({ authorization: `Bearer ${secret}` })).status).toBe(200);
	await page.reload();
	const revoke = page.getByRole("button", { name: w.api.revokeKey("editor") });
	await revoke.waitFor();
	expect(await page.getByRole("main").innerText()).not.toContain(secret);
	await revoke.click();
	await page.getByRole("dialog").getByRole("button", { name: w.api.revoke, exact: true }).click();
	await page.getByText(w.api.noKeys).waitFor();
	expect((await ask({})).status).toBe(200);
});

test("what the desktop program does is chosen in its windows, and nowhere else", async () => {
	const { page } = await world.open({ at: "#/settings/desktop", isInShell: true });
	const start = page.getByRole("switch", { name: w.desktop.startAtLogin });
	await start.waitFor();
	const [saved] = await Promise.all([
		page.waitForResponse((response) => response.request().method() === "PATCH"),
		start.click(),
	]);
	expect(saved.status()).toBe(200);
	await page.reload();
	await expect.poll(() => start.getAttribute("aria-checked")).toBe("false");

	const browser = await world.open({ at: "#/settings" });
	await browser.page.getByRole("link", { name: w.section.about }).waitFor();
	expect(await browser.page.getByRole("link", { name: w.section.desktop }).count()).toBe(0);
});
