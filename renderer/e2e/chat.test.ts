import { expect, test } from "vitest";
import { words } from "../words/words.ts";
import { question, tickets } from "./files.ts";
import { batchOf, contentOf, hasEnded, resultsAlone, submit, untilBatch } from "./jobs.ts";
import { startWorld } from "./testing.ts";

const world = startWorld();
const w = words.chat;

test("a chat is answered while a batch runs; the batch makes room, visibly, and its results stay the same", async () => {
	const file = tickets("beside.jsonl", 0, 200);
	const { page } = await world.open({ at: "#/chat" });
	await page.getByRole("button", { name: w.options.open }).click();
	await page.getByLabel(w.options.system, { exact: true }).fill(question.system);
	await page.getByLabel(w.options.temperature, { exact: true }).fill("0");
	await page.getByRole("textbox", { name: w.composer.label }).fill(question.ticket);
	const id = await submit(world.service, file);
	await untilBatch(world.service, id, ({ request_counts: { completed } }) => completed >= 4);
	await page.keyboard.press("Enter");
	await page
		.getByText(/batch frozen, \d+ ms/)
		.first()
		.waitFor();
	const answer = page.getByRole("article", { name: w.message.answer });
	await answer.getByText(/first after/).waitFor();
	expect(await answer.innerText()).toContain("billing");
	expect((await batchOf(world.service, id)).status).toBe("in_progress");

	const batch = await untilBatch(world.service, id, hasEnded);
	expect(await contentOf(world.service, batch.output_file_id)).toBe(await resultsAlone(file));
});

test("a chat is kept: it is there after a reload, can be edited and answered again, renamed and deleted", async () => {
	const { page } = await world.open({ at: "#/chat" });
	const composer = page.getByRole("textbox", { name: w.composer.label });
	await composer.fill(question.ticket);
	await page.keyboard.press("Enter");
	const answer = page.getByRole("article", { name: w.message.answer });
	await answer.getByText(/first after/).waitFor();
	await page.reload();
	await answer.getByText(/first after/).waitFor();

	await page.getByRole("button", { name: w.message.edit }).click();
	await page.getByRole("textbox", { name: w.message.editLabel }).fill("The export crashes.");
	await page.getByRole("button", { name: w.message.editAction }).click();
	await page.getByRole("article", { name: w.message.you }).getByText("The export crashes.").waitFor();
	await answer.getByText(/first after/).waitFor();
	expect(await answer.count()).toBe(1);

	await page
		.getByRole("main")
		.getByRole("button", { name: /^Actions for/ })
		.last()
		.click();
	await page.getByRole("menuitem", { name: w.threads.rename }).click();
	await page.getByRole("textbox", { name: w.threads.renameLabel }).fill("Refunds");
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { name: "Refunds" }).waitFor();
	await page
		.getByRole("main")
		.getByRole("button", { name: w.threads.actions("Refunds") })
		.last()
		.click();
	await page.getByRole("menuitem", { name: w.threads.delete }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
	await page.getByRole("link", { name: "Refunds" }).waitFor({ state: "detached" });
});
