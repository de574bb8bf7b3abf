/** Every state of every screen that is worth a look: where it is and what has to be done there first. */
import type { Page } from "playwright-core";
import { words } from "../words/words.ts";
import type { Visit } from "./browser.ts";
import type { Demo } from "./demo.ts";
import { choose, faulty } from "./files.ts";
import { playMachines, severalMachines } from "./mesh.ts";
import { playPack } from "./packs.ts";

/** A screen in some state. */
export interface Scene {
	/** For its pictures: lower case, with hyphens. */
	readonly name: string;
	/** The screen by its hash. */
	readonly at: string;
	/** Only windows of the desktop program have it. */
	readonly isInShell?: boolean;
	/** Has come about when this resolves. */
	readonly arrange: (visit: Visit) => Promise<void>;
}

const jobs = words.jobs;

/** Resolves once a heading is there. */
const heading =
	(name: string) =>
	({ page }: Visit): Promise<void> =>
		page.getByRole("heading", { name, exact: true }).first().waitFor({ state: "attached" });

/** What is to be seen where nothing was done yet. */
export const emptyScenes: readonly Scene[] = [
	{ name: "home-empty", at: "#/", arrange: heading(words.drop.nowTitle) },
	{ name: "home-faults", at: "#/", arrange: showFaults },
	{ name: "home-table", at: "#/", arrange: showTable },
	{ name: "jobs-empty", at: "#/jobs", arrange: heading(jobs.title) },
	{ name: "machines-pack", at: "#/machines", arrange: showPack },
	{ name: "machines-pack-failed", at: "#/machines", arrange: showFailedPack },
	{ name: "machines-others", at: "#/machines", arrange: showMachines },
	{ name: "machines-pair", at: "#/machines", arrange: showPairing },
	{ name: "machines-join", at: "#/machines", arrange: showJoining },
	{ name: "machines-remove", at: "#/machines", arrange: askToRemove },
	{ name: "chat-empty", at: "#/chat", arrange: ({ page }) => page.getByText(words.chat.empty.title).waitFor() },
	{ name: "morning-empty", at: "#/morning", arrange: heading(words.morning.title) },
	{ name: "welcome-model", at: "#/welcome", arrange: heading(words.welcome.modelTitle) },
	{ name: "welcome-time", at: "#/welcome", arrange: showSecondStep },
	{ name: "signed-out", at: "#/", arrange: signOut },
];

/** What is to be seen on a service that has worked. */
export function scenesOf({ doneId, partialId, runningId, threadId }: Demo): readonly Scene[] {
	const job = (id: string) => `#/jobs/${id}`;
	const settings = Object.entries(words.settings.section).map(([section, title]) => ({
		name: `settings-${section}`,
		at: `#/settings/${section}`,
		isInShell: section === "desktop",
		arrange: ({ page }: Visit) =>
			page.getByRole("navigation", { name: words.settings.sections }).getByRole("link", { name: title }).waitFor(),
	}));
	return [
		{ name: "home", at: "#/", arrange: ({ page }) => page.getByText(words.drop.forecastTitle).waitFor() },
		{ name: "home-options", at: "#/", arrange: openDraftOptions },
		{
			name: "jobs",
			at: "#/jobs",
			arrange: ({ page }) => page.getByRole("list", { name: jobs.list.listLabel }).waitFor(),
		},
		{ name: "jobs-menu", at: "#/jobs", arrange: openJobMenu },
		{ name: "job-running", at: job(runningId), arrange: showLines },
		{ name: "job-done", at: job(doneId), arrange: showLines },
		{ name: "job-partial", at: job(partialId), arrange: showFailures },
		{ name: "job-line", at: job(doneId), arrange: openLine },
		{ name: "job-retry", at: job(partialId), arrange: ({ page }) => press(page, jobs.actions.retry) },
		{ name: "job-duplicate", at: job(doneId), arrange: ({ page }) => chooseAction(page, jobs.actions.duplicate) },
		{ name: "job-cancel", at: job(runningId), arrange: ({ page }) => chooseAction(page, jobs.actions.cancel) },
		{ name: "job-machines", at: job(runningId), arrange: (visit) => chooseMachines(visit, runningId) },
		{ name: "job-places", at: job(runningId), arrange: (visit) => showPlaces(visit, runningId) },
		{
			name: "machines",
			at: "#/machines",
			arrange: ({ page }) => page.getByRole("list", { name: words.machines.list }).waitFor(),
		},
		{
			name: "models",
			at: "#/models",
			arrange: ({ page }) => page.getByRole("heading", { name: words.models.here.title }).waitFor(),
		},
		{ name: "chat", at: `#/chat/${threadId}`, arrange: ({ page }) => page.getByRole("article").last().waitFor() },
		{ name: "chat-options", at: `#/chat/${threadId}`, arrange: ({ page }) => press(page, words.chat.options.open) },
		{ name: "morning", at: "#/morning", arrange: heading(words.morning.batches) },
		...settings,
	];
}

const press = (page: Page, name: string) => page.getByRole("button", { name }).first().click();

async function showFaults(visit: Visit): Promise<void> {
	await choose(visit, faulty);
	await visit.page.getByRole("table", { name: words.drop.faultsTable(faulty.name) }).waitFor();
}

async function showTable(visit: Visit): Promise<void> {
	await choose(visit, {
		name: "inbox.csv",
		content: "subject,text\nRefund,I was charged twice.\nExport,It crashes.\n",
	});
	await visit.page.getByLabel(words.drop.prompt, { exact: true }).waitFor();
}

async function showPack(visit: Visit): Promise<void> {
	const needs = "NVIDIA's CUDA libraries come with its CUDA Toolkit: install it.";
	await playPack(visit, { first: { kind: "available" } }, { needs, replaces: "3.21.0" });
}

async function showFailedPack(visit: Visit): Promise<void> {
	await playPack(visit, { first: { kind: "failed", words: "Its checksum differs.", received_bytes: 1 } });
}

async function showMachines(visit: Visit): Promise<void> {
	await playMachines(visit, severalMachines());
	await visit.page.getByText(words.mesh.waitsTitle("old")).waitFor();
}

async function chooseMachines(visit: Visit, id: string): Promise<void> {
	await playMachines(visit, severalMachines(id));
	await chooseAction(visit.page, jobs.actions.machines);
}

async function showPlaces(visit: Visit, id: string): Promise<void> {
	await playMachines(visit, severalMachines(id));
	const share = visit.page.getByText(words.mesh.job.safety, { exact: true });
	await share.waitFor();
	await share.scrollIntoViewIfNeeded();
}

async function showPairing(visit: Visit): Promise<void> {
	await showMachines(visit);
	await press(visit.page, words.mesh.pairAction);
	await visit.page.getByRole("dialog").getByText("1234 5678").waitFor();
}

async function showJoining(visit: Visit): Promise<void> {
	await showPairing(visit);
	await visit.page.getByRole("radio", { name: words.mesh.pair.join }).click();
	await visit.page.getByRole("radio", { name: /rack/ }).waitFor();
}

async function askToRemove(visit: Visit): Promise<void> {
	await showMachines(visit);
	await press(visit.page, words.mesh.actions("attic"));
	await visit.page.getByRole("menuitem", { name: words.mesh.remove }).click();
	await visit.page.getByRole("dialog").waitFor();
}

async function showSecondStep({ page }: Visit): Promise<void> {
	await press(page, words.welcome.next);
	await page.getByRole("heading", { name: words.welcome.timeTitle }).waitFor();
}

async function signOut(visit: Visit): Promise<void> {
	visit.expectFaults(/: 401$/);
	await visit.context.clearCookies();
	await visit.page.reload();
	await visit.page.getByRole("heading", { name: words.common.signedOutTitle }).waitFor();
}

async function openDraftOptions({ page }: Visit): Promise<void> {
	await press(page, words.drop.options);
	await page.getByText(words.drop.reuse).waitFor();
}

async function openJobMenu({ page }: Visit): Promise<void> {
	await page
		.getByRole("button", { name: /^Actions for/ })
		.first()
		.click();
	await page.getByRole("menu").waitFor();
}

async function showLines({ page }: Visit): Promise<void> {
	await page.locator("canvas").first().waitFor();
	await page.getByRole("listbox", { name: jobs.lines.listLabel }).getByRole("option").first().waitFor();
}

async function showFailures(visit: Visit): Promise<void> {
	await showLines(visit);
	await heading(jobs.failures.title)(visit);
}

async function openLine(visit: Visit): Promise<void> {
	await showLines(visit);
	await visit.page.getByRole("listbox", { name: jobs.lines.listLabel }).getByRole("option").first().click();
	await visit.page.getByRole("region", { name: jobs.line.answered }).waitFor();
}

async function chooseAction(page: Page, action: string): Promise<void> {
	await page.getByRole("button", { name: /^Actions for/ }).click();
	await page.getByRole("menuitem", { name: action }).click();
	await page.getByRole("dialog").waitFor();
}
