import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
	hasEnded,
	hostOf,
	makeMachines,
	type TestMachine,
	untilBatchOf,
	untilTogether,
} from "../../native/cli/machines-testing.ts";
import { batchDetailsListSchema, sessionCodeSchema } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { goTo, launchBrowser, type Visit, visit } from "./browser.ts";
import { drop, manyDifferentTickets } from "./files.ts";
import { given } from "./service.ts";

/** Two real machines, each with its page open: what one does, the other shows. Each test goes on where the one before ended. */
const machines = makeMachines();
let browser: Browser;
let desk: TestMachine;
let attic: TestMachine;
let deskPage: Visit;
let atticPage: Visit;
const text = words.mesh;
const file = manyDifferentTickets("shared.jsonl", 600);

async function open({ client }: TestMachine): Promise<Visit> {
	const { code } = given(await client.call("/api/session/codes", sessionCodeSchema, { method: "POST" }));
	const opened = await visit(browser, `${client.url}/#code=${encodeURIComponent(code)}`);
	await opened.page.getByRole("navigation", { name: "Main" }).waitFor();
	return opened;
}

beforeAll(async () => {
	browser = await launchBrowser();
	desk = await machines.make("desk");
	attic = await machines.make("attic");
	[deskPage, atticPage] = await Promise.all([open(desk), open(attic)]);
}, 180_000);
afterAll(async () => {
	await browser.close();
	machines.remove();
	expect([...deskPage.faults(), ...atticPage.faults()]).toEqual([]);
});

async function openPairing(opened: Visit): Promise<Locator> {
	await goTo(opened, "#/machines");
	await opened.page.getByRole("button", { name: text.pairAction }).click();
	return opened.page.getByRole("dialog");
}

/** Chooses to type where the other machine is, whether or not machines near are offered. */
async function typeAddress(dialog: Locator, address: string): Promise<void> {
	const field = dialog.getByLabel(text.pair.address, { exact: true });
	const other = dialog.getByRole("radio", { name: text.pair.other });
	await field.or(other).first().waitFor();
	if (await other.isVisible()) await other.click();
	await field.fill(address);
}

const listed = ({ page }: Visit, name: string) =>
	page.getByRole("list", { name: words.machines.list }).getByRole("listitem").filter({ hasText: name });

test("a code that one page shows is typed on the other's, and both pages list both machines", async () => {
	const showing = await openPairing(deskPage);
	const code = showing.getByRole("status", { name: text.pair.code });
	await expect.poll(() => code.textContent()).toMatch(/^\d{4} \d{4}$/);
	const joining = await openPairing(atticPage);
	await joining.getByRole("radio", { name: text.pair.join }).click();
	await typeAddress(joining, desk.address);
	await joining.getByLabel(text.pair.enter).fill((await code.textContent()) ?? "");
	await joining.getByRole("button", { name: text.pair.action }).click();
	await atticPage.page.getByRole("dialog", { name: text.pair.belongs("desk") }).waitFor();
	await deskPage.page.getByRole("dialog", { name: text.pair.joined("attic") }).waitFor();
	for (const dialog of [showing, joining]) await dialog.getByRole("button", { name: text.pair.done }).click();
	await untilTogether([desk, attic]);
	for (const opened of [deskPage, atticPage]) {
		for (const name of ["desk", "attic"]) await listed(opened, name).getByText(name, { exact: true }).waitFor();
		await opened.page.getByText(text.offline, { exact: true }).waitFor({ state: "detached" });
	}
});

test("a dropped file's machines are chosen, and the other page shows who did how much of it and how safe it is", async () => {
	await goTo(deskPage, "#/");
	await drop(deskPage, file);
	const card = deskPage.page.getByRole("article", { name: file.name });
	await card.getByRole("button", { name: words.drop.looksRight }).waitFor();
	await card.getByRole("button", { name: words.drop.options, exact: true }).click();
	await card.getByRole("button", { name: `${words.drop.machines}: ${text.choose.all}` }).click();
	for (const name of ["desk", "attic"]) {
		expect(await card.getByRole("switch", { name, exact: true }).isChecked()).toBe(true);
	}
	await card.getByRole("switch", { name: text.choose.later }).click();
	await card.getByRole("button", { name: words.drop.rehearseAgain }).click();
	await card.getByRole("button", { name: words.drop.looksRight }).click();
	await card.waitFor({ state: "detached" });
	const listing = given(await desk.client.call("/api/batches?limit=1", batchDetailsListSchema));
	const id = listing.data[0]?.id ?? "";
	await Promise.all([desk, attic].map((machine) => untilBatchOf(machine, id, hasEnded)));
	await goTo(atticPage, `#/jobs/${id}`);
	const { page } = atticPage;
	await page.getByRole("heading", { name: file.name }).waitFor();
	await page.getByText(text.durability.two).first().waitFor();
	for (const name of ["desk", "attic"]) {
		const share = page.getByRole("progressbar", { name: text.job.share(name) });
		await expect.poll(async () => Number(await share.getAttribute("aria-valuenow"))).toBeGreaterThan(0);
	}
});

test("another machine is made host by the menu, and both pages say so and why", async () => {
	await goTo(deskPage, "#/machines");
	await goTo(atticPage, "#/machines");
	const isDeskHost = hostOf(await desk.mesh())?.name === "desk";
	const [next, nextPage, otherPage] = isDeskHost ? ["attic", atticPage, deskPage] : ["desk", deskPage, atticPage];
	await deskPage.page.getByRole("button", { name: text.actions(next) }).click();
	await deskPage.page.getByRole("menuitem", { name: isDeskHost ? text.makeHost : text.makeThisHost }).click();
	await otherPage.page
		.getByText(new RegExp(`^${next} hands out the work since .*: ${text.why["hand-over"]}\\.$`))
		.waitFor();
	await nextPage.page
		.getByText(new RegExp(`^This machine hands out the work since .*: ${text.why["hand-over"]}\\.$`))
		.waitFor();
	for (const opened of [deskPage, atticPage])
		await listed(opened, next).getByText(text.host, { exact: true }).waitFor();
});

test("a machine that is stopped is shown as gone", async () => {
	atticPage.expectFaults(/api\/events|ERR_/);
	await attic.stop();
	await deskPage.page.getByText(text.alone).waitFor();
	await listed(deskPage, "attic").getByText(text.offline, { exact: true }).waitFor();
});
