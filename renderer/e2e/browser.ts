/** Debian's Chromium with everything it complains of written down, for tests of the whole page and for its pictures. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type ConsoleMessage, chromium, type Page } from "playwright-core";

declare global {
	interface Window {
		/** Put there before the page's own scripts. */
		longTasks: number[];
	}
}

/** Until something is there: an engine, a service and a browser may share one processor with others. A hang is still found. */
const SLOWEST_MS = 60_000;

const programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The bridge of a shell in which nobody chooses anything. */
const SHELL = `{
	platform: "linux",
	pathsFor: (files) => files.map(() => ""),
	chooseFiles: async () => [],
	revealInFolder: async () => {},
	closePopover: () => {},
}`;

/** Starts Chromium; throws where there is none, with what to install. */
export function launchBrowser(): Promise<Browser> {
	const executablePath = programs.find((path) => existsSync(path));
	if (executablePath === undefined) throw new Error("There is no Chromium. Install it: apt-get install chromium");
	// Chromium's own sandbox does not start for root.
	const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
	return chromium.launch({ executablePath, args });
}

/** How the page is looked at. */
export interface Look {
	readonly width?: number;
	readonly height?: number;
	readonly scheme?: "light" | "dark";
	/** Pictures and rules of colour need things to stand still. */
	readonly isStill?: boolean;
	/** As in a window of the desktop program, whose bridge then does nothing. */
	readonly isInShell?: boolean;
}

/** A window with the page in it. */
export interface Visit {
	readonly page: Page;
	readonly context: BrowserContext;
	/** What went wrong so far: errors in the console, exceptions, broken policies, requests that failed or were refused. */
	faults(): readonly string[];
	/** What is expected to go wrong is no fault. */
	expectFaults(pattern: RegExp): void;
	/** Milliseconds of each task over 50 ms since the last call. */
	takeLongTasks(): Promise<readonly number[]>;
}

/** Widths the page is made for: the tray's popover and a window. */
export const widths = [380, 1_200] as const;

/** Opens a window of its own, that knows nothing of others. */
export async function visit(browser: Browser, address: string, look: Look = {}): Promise<Visit> {
	const { width = 1_200, height = 800, scheme = "light", isStill = false, isInShell = false } = look;
	const context = await browser.newContext({
		viewport: { width, height },
		colorScheme: scheme,
		reducedMotion: isStill ? "reduce" : "no-preference",
		locale: "en-GB",
		acceptDownloads: true,
	});
	await context.addInitScript(() => {
		window.longTasks = [];
		new PerformanceObserver((list) => {
			for (const task of list.getEntries()) window.longTasks.push(task.duration);
		}).observe({ type: "longtask", buffered: true });
	});
	if (isInShell) await context.addInitScript(`window.shell = ${SHELL}`);
	context.setDefaultTimeout(SLOWEST_MS);
	const page = await context.newPage();
	const seen: string[] = [];
	const expected: RegExp[] = [];
	page.on("console", (message) => {
		if (isComplaint(message)) seen.push(describe(message));
	});
	page.on("pageerror", (error) => seen.push(`exception: ${error.stack ?? error.message}`));
	page.on("requestfailed", (request) => {
		const why = request.failure()?.errorText ?? "";
		// What the page itself gives up, such as a search that is typed over, is no failure.
		if (why !== "net::ERR_ABORTED") seen.push(`request failed: ${request.method()} ${request.url()}: ${why}`);
	});
	page.on("response", (response) => {
		if (response.status() >= 400)
			seen.push(`refused: ${response.request().method()} ${response.url()}: ${response.status()}`);
	});
	await page.goto(address);
	return {
		page,
		context,
		faults: () => seen.filter((fault) => !expected.some((pattern) => pattern.test(fault))),
		expectFaults: (pattern) => void expected.push(pattern),
		takeLongTasks: () => page.evaluate(() => window.longTasks.splice(0)),
	};
}

/** Goes to a screen by its hash, as a link does. */
export async function goTo({ page }: Visit, hash: string): Promise<void> {
	await page.evaluate((to) => {
		location.hash = to;
	}, hash);
	await page.getByRole("main").waitFor();
}

/** Resolves when the browser has drawn what has changed: a chart draws a frame after its data came. */
export function untilDrawn({ page }: Visit): Promise<void> {
	return page.evaluate(async () => {
		for (let frame = 0; frame < 4; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
	});
}

/** Answers of 400 and more and lost connections are told of by themselves, in more words. */
function isComplaint(message: ConsoleMessage): boolean {
	return ["error", "warning"].includes(message.type()) && !message.text().startsWith("Failed to load resource");
}

function describe(message: ConsoleMessage): string {
	const { url, lineNumber } = message.location();
	return `console ${message.type()}: ${message.text()} (${url}:${lineNumber})`;
}
