/**
 * What tests of the whole page share: one real service and one real browser for a file of tests, and a window for each test that fails
 * it where the page complained of anything. Must never reach into the page past what people and screen readers find there.
 */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { killLeftovers } from "../../native/cli/testing.ts";
import { goTo, type Look, launchBrowser, type Visit, visit } from "./browser.ts";
import { startService, type TestService } from "./service.ts";

export * from "./browser.ts";
export * from "./service.ts";

/** A service and a browser, there while the tests of a file run. */
export interface World {
	readonly service: TestService;
	readonly browser: Browser;
	/** A new window, signed in, at a screen by its hash, e.g. `#/jobs`. */
	open(look?: Look & { readonly at?: string }): Promise<Visit>;
}

/** Starts both before the first test of this file and ends them after the last; windows are closed after each test. */
export function startWorld(): World {
	let service: TestService | undefined;
	let browser: Browser | undefined;
	const visits: Visit[] = [];

	beforeAll(async () => {
		[service, browser] = await Promise.all([startService(), launchBrowser()]);
	});
	afterEach(async () => {
		const done = visits.splice(0);
		for (const { context } of done) await context.close();
		expect(done.flatMap((one) => one.faults())).toEqual([]);
	});
	afterAll(async () => {
		await browser?.close();
		await service?.remove();
		killLeftovers();
	});

	return {
		get service() {
			if (service === undefined) throw new Error("The service is not started yet");
			return service;
		},
		get browser() {
			if (browser === undefined) throw new Error("The browser is not started yet");
			return browser;
		},
		async open({ at = "#/", ...look } = {}) {
			const opened = await visit(this.browser, await this.service.signInAddress(), look);
			visits.push(opened);
			await opened.page.getByRole("navigation", { name: "Main" }).waitFor();
			if (at !== "#/") await goTo(opened, at);
			return opened;
		},
	};
}
