import { expect, test } from "vitest";
import { words } from "../words/words.ts";
import { playPack } from "./packs.ts";
import { startWorld } from "./testing.ts";

const world = startWorld();
const text = words.gpuPacks;

test("a computer without a GPU that a pack is for hears nothing of packs", async () => {
	const { page } = await world.open({ at: "#/machines" });
	await page.getByRole("list", { name: words.machines.list }).waitFor();
	expect(await page.getByRole("button", { name: text.fetch }).count()).toBe(0);
});

test("a pack is fetched and paused by the keyboard alone, and thrown away only after a question", async () => {
	const visit = await world.open({ at: "#/machines" });
	const { page } = visit;
	const going = { kind: "downloading", received_bytes: 160_000_000, bytes_per_second: 20_000_000 } as const;
	const asked = await playPack(visit, { first: { kind: "available" }, next: going });
	await page.getByRole("button", { name: text.fetch }).focus();
	await page.keyboard.press("Enter");
	await page.getByRole("progressbar", { name: text.progress("CUDA for NVIDIA") }).waitFor();
	await page.getByText("160 MB of 320 MB · 20.0 MB/s · 8 s left").waitFor();
	await page.getByRole("button", { name: text.cancel, exact: true }).focus();
	await page.keyboard.press("Enter");
	const question = page.getByRole("dialog", { name: text.cancelTitle("CUDA for NVIDIA") });
	await question.waitFor();
	await page.keyboard.press("Escape");
	await question.waitFor({ state: "detached" });
	expect(asked).toEqual(["POST fetch"]);
	await page.getByRole("button", { name: text.pause }).focus();
	await page.keyboard.press("Enter");
	await expect.poll(() => asked).toEqual(["POST fetch", "POST pause"]);
});

test("a pack that does not work says why", async () => {
	const visit = await world.open({ at: "#/machines" });
	const why = "It does not load: libcudart.so.13: cannot open shared object file.";
	await playPack(visit, { first: { kind: "installed", works: false, words: why } });
	await visit.page.getByText(why).waitFor();
	await visit.page.getByText(text.notUsed).first().waitFor();
});
