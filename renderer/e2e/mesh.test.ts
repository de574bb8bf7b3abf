import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type ServedMesh, serveMesh } from "../../native/cli/mesh-testing.ts";
import { repositoryDir } from "../../native/cli/testing.ts";
import { machineId, sampleMember } from "../state/testing.ts";
import { words } from "../words/words.ts";
import { goTo, launchBrowser, type Visit, visit } from "./browser.ts";

/** The page as it is built, the real API, and a mesh in memory in which the test plays the other machines. */
let browser: Browser;
let served: ServedMesh;
let mesh: ServedMesh["mesh"];
let opened: Visit;
const text = words.mesh;

beforeAll(async () => {
	browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
	served = await serveMesh(join(repositoryDir, "dist", "renderer"));
	({ mesh } = served);
	opened = await visit(browser, await served.signInAddress());
	// This service has no models, and the page asks whether there are any.
	opened.expectFaults(/\/api\/models: 404$/);
	await opened.page.getByRole("navigation", { name: "Main" }).waitFor();
});
afterEach(async () => {
	await opened.context.close();
	await served[Symbol.asyncDispose]();
	expect(opened.faults()).toEqual([]);
});

async function openPairing() {
	await goTo(opened, "#/machines");
	const { page } = opened;
	await page.getByText(text.offBody).waitFor();
	await page.getByRole("button", { name: text.pairAction }).click();
	return page.getByRole("dialog");
}

test("a code is shown as long as it is looked at, and a machine that joins by it comes into the list", async () => {
	const dialog = await openPairing();
	await dialog.getByRole("status", { name: text.pair.code }).filter({ hasText: "1234 5678" }).waitFor();
	mesh.tryCode("0000 0000", sampleMember("stranger"));
	await dialog.getByText(text.pair.wrong(2)).waitFor();
	mesh.tryCode("1234 5678", sampleMember("attic"));
	await opened.page.getByRole("dialog", { name: text.pair.joined("attic") }).waitFor();
	await dialog.getByRole("button", { name: text.pair.done }).click();
	await opened.page.getByRole("list", { name: words.machines.list }).getByText("attic", { exact: true }).waitFor();
	expect(mesh.shownCode()).toBeNull();
});

test("a code is taken back with its dialog, and another one is shown by the next", async () => {
	const dialog = await openPairing();
	await dialog.getByText("1234 5678").waitFor();
	await opened.page.keyboard.press("Escape");
	await dialog.waitFor({ state: "detached" });
	await expect.poll(() => mesh.shownCode()).toBeNull();
	await opened.page.getByRole("button", { name: text.pairAction }).click();
	await opened.page.getByRole("dialog").getByText("2345 6789").waitFor();
});

test("a machine near that shows a code is joined by the keyboard alone; a wrong code says so", async () => {
	opened.expectFaults(/pairing\/join: 400$/);
	mesh.comeNear({ id: machineId("rack"), name: "rack", address: "10.0.0.9:22008", is_pairing: true }, "8765 4321");
	const dialog = await openPairing();
	const { page } = opened;
	await dialog.getByRole("radio", { name: text.pair.join }).click();
	await dialog.getByRole("radio", { name: /rack/ }).waitFor();
	const code = dialog.getByLabel(text.pair.enter);
	await code.fill("1111 1111");
	await page.keyboard.press("Enter");
	await dialog.getByText("The code is not the right one.").waitFor();
	await code.fill("8765-4321");
	await page.keyboard.press("Enter");
	await page.getByRole("dialog", { name: text.pair.belongs("rack") }).waitFor();
	expect(mesh.view.machines.map(({ name }) => name)).toEqual(["desk", "rack"]);
});

test("an address that is being typed stays, whoever comes near meanwhile", async () => {
	const dialog = await openPairing();
	await dialog.getByRole("radio", { name: text.pair.join }).click();
	await dialog.getByLabel(text.pair.address, { exact: true }).fill("10.0.0.7:22008");
	mesh.comeNear({ id: machineId("rack"), name: "rack", address: "10.0.0.9:22008", is_pairing: true }, "8765 4321");
	await dialog.getByRole("radio", { name: /rack/ }).waitFor();
	expect(await dialog.getByLabel(text.pair.address, { exact: true }).inputValue()).toBe("10.0.0.7:22008");
	expect(await dialog.getByRole("radio", { name: text.pair.other }).isChecked()).toBe(true);
});

test("a machine is made host, seen to be, and removed after a question", async () => {
	mesh.put(sampleMember("attic"));
	await goTo(opened, "#/machines");
	const { page } = opened;
	const actions = page.getByRole("button", { name: text.actions("attic") });
	await actions.click();
	await page.getByRole("menuitem", { name: text.makeHost }).click();
	await page.getByText(/^attic hands out the work since .*: it was asked to\.$/).waitFor();
	mesh.setHost(machineId("desk"), "silence");
	await page.getByText(/^This machine hands out the work since .*: the one before fell silent\.$/).waitFor();
	await actions.click();
	await page.getByRole("menuitem", { name: text.remove }).click();
	const question = page.getByRole("dialog", { name: text.removeTitle("attic") });
	await question.getByText(/can't be recalled/).waitFor();
	await question.getByRole("button", { name: text.removeAction }).click();
	await page.getByText(text.offBody).waitFor();
	expect(mesh.view.machines).toHaveLength(1);
});

test("a machine that left the others can be switched on again", async () => {
	mesh.put(sampleMember("attic"));
	await goTo(opened, "#/machines");
	const { page } = opened;
	await page.getByRole("button", { name: text.actions("desk") }).click();
	await page.getByRole("menuitem", { name: text.leave }).click();
	await page.getByRole("dialog", { name: text.leaveTitle }).getByRole("button", { name: text.leaveAction }).click();
	await page.getByRole("button", { name: text.switchOn }).click();
	await expect.poll(() => served.api.settings.current.mesh.isOn).toBe(true);
	await page.getByText(text.offBody).waitFor();
});

test("a job says how safe it is and who works on it, and machines are chosen for it", async () => {
	const id = await served.makeBatch();
	mesh.put(sampleMember("attic", { slices: [{ batch_id: id, lines: 2 }] }));
	await goTo(opened, `#/jobs/${id}`);
	const { page } = opened;
	await goTo(opened, "#/machines");
	await page.getByText(/^Works on 2 lines of .+\.$/).waitFor();
	await goTo(opened, `#/jobs/${id}`);
	await page.getByText(text.durability.two).first().waitFor();
	await page.getByText(/2 in hand/).waitFor();
	mesh.setDurability(id, { level: 1, reason: "alone" });
	await page.getByText(text.durability.alone).first().waitFor();
	await page.getByRole("button", { name: /^Actions for/ }).click();
	await page.getByRole("menuitem", { name: words.jobs.actions.machines }).click();
	const dialog = page.getByRole("dialog", { name: text.choose.title });
	await dialog.getByRole("switch", { name: "attic" }).click();
	expect(await dialog.getByRole("switch", { name: "desk" }).isDisabled()).toBe(true);
	await dialog.getByRole("button", { name: text.choose.action }).click();
	await page.getByText(text.choose.allBut("attic")).waitFor();
	expect(mesh.chosen(id)).toEqual({ only: null, never: [machineId("attic")] });
});

test("what keeps machines apart is told, with where to mend it", async () => {
	mesh.put(sampleMember("attic", { is_online: false }));
	mesh.setTrouble("Port 22008 is taken by another program: choose another one.");
	mesh.wait(machineId("shed"), "shed");
	mesh.wait(machineId("old"), "old");
	await goTo(opened, "#/machines");
	const { page } = opened;
	await page.getByText("Port 22008 is taken by another program: choose another one.").waitFor();
	await page.getByText(text.alone).waitFor();
	await page.getByText(text.waitsTitle("shed")).waitFor();
	await page.getByRole("button", { name: text.approve }).first().click();
	await page.getByText(text.waitsTitle("shed")).waitFor({ state: "detached" });
	await page.getByRole("button", { name: text.remove }).click();
	await page
		.getByRole("dialog", { name: text.removeTitle("old") })
		.getByRole("button", { name: text.removeAction })
		.click();
	await page.getByText(text.waitsTitle("old")).waitFor({ state: "detached" });
	expect(mesh.view.machines.map(({ name }) => name)).toEqual(["desk", "attic", "shed"]);
	await page.getByRole("link", { name: text.toSettings }).click();
	await page.getByRole("switch", { name: words.settings.machines.isOn }).click();
	await expect.poll(() => served.api.settings.current.mesh.isOn).toBe(true);
});
