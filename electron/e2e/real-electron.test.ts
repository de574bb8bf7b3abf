import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { platformOf } from "../base/base.ts";
import { isAlive, servicePid, ticketLines } from "../testing/real-service.ts";
import { compileApp } from "../testing/run-app.ts";
import { trayIconPath } from "../tray/icon-path.ts";
import { electronBinary, type RealApp, startRealApp } from "./real-electron.ts";

const binary = electronBinary();
const why = binary === null ? " (skipped: Electron's binary is not here; `npm start` fetches it)" : "";

describe.skipIf(binary === null)(`in a real Electron${why}`, () => {
	let running: RealApp | null = null;

	beforeAll(() => compileApp(), 180_000);
	afterEach(async () => {
		await running?.remove();
		running = null;
	});

	async function start(...args: string[]): Promise<RealApp> {
		running = await startRealApp(binary ?? "", args);
		return running;
	}

	test("the window shows the service's page, signed in, in a sandbox with nothing of Node", async () => {
		const page = await (await start("--hidden")).openWindow();
		await page.getByRole("navigation", { name: "Main" }).waitFor();
		expect(await page.evaluate("[typeof require, typeof process, typeof window.shell]")).toEqual([
			"undefined",
			"undefined",
			"object",
		]);
	});

	test("a page can leave its origin neither by navigation nor by a new window", async () => {
		const real = await start("--hidden");
		const page = await real.openWindow();
		const before = page.url();
		await page.evaluate("location.href = 'https://example.com/'");
		await page.evaluate("void window.open('https://example.com/', '_blank', 'popup')").catch(() => {});
		await page.getByRole("navigation", { name: "Main" }).waitFor();
		expect(new URL(page.url()).origin).toBe(new URL(before).origin);
		expect(real.app.windows().filter((window) => window.url().includes("example.com"))).toEqual([]);
	});

	test("a file the program is started with is queued and done", async () => {
		const real = await start("--hidden");
		const path = join(real.dataDir, "night.jsonl");
		writeFileSync(path, `${ticketLines(20)}\n`);
		await real.app.evaluate(({ app }, file) => app.emit("open-file", { preventDefault() {} }, file), path);
		const page = await real.openWindow();
		await page.getByRole("link", { name: "Jobs" }).click();
		await page.getByText("night.jsonl").first().waitFor();
		await page.getByText(/done/i).first().waitFor();
	});

	test("closing the window leaves the program running, and quitting ends every process", async () => {
		const real = await start("--hidden");
		const page = await real.openWindow();
		await page.close();
		expect(await real.app.evaluate(({ app }) => app.isReady())).toBe(true);
		const pids = [real.app.process().pid ?? 0, servicePid(real.dataDir)];
		await real.app.evaluate(({ app }) => app.quit());
		await expect.poll(() => pids.filter(isAlive), { timeout: 30_000 }).toEqual([]);
	});

	test("every picture of the tray is one to Electron", async () => {
		const real = await start("--hidden");
		const names = ["idle", "working", "yielding", "paused", "attention"] as const;
		const assetsDir = join(import.meta.dirname, "..", "..", "assets");
		const paths = names.map((name) => trayIconPath(assetsDir, platformOf(process.platform), name));
		const empty = await real.app.evaluate(
			({ nativeImage }, all) => all.filter((path) => nativeImage.createFromPath(path).isEmpty()),
			paths,
		);
		expect(empty).toEqual([]);
	});
});
