/** The app in a real Electron, driven by Playwright: where the binary is, and a run on a folder of its own. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ElectronApplication, _electron as electron, type Page } from "playwright-core";

const repositoryDir = fileURLToPath(new URL("../..", import.meta.url));
const executables: Partial<Record<NodeJS.Platform, string>> = {
	darwin: "Electron.app/Contents/MacOS/Electron",
	win32: "electron.exe",
	linux: "electron",
};

/** A screen of Linux for those who have none. */
const DISPLAY = ":97";

/** Electron's binary, as `npm start` fetches it; null: it is not here. */
export function electronBinary(): string | null {
	const distDir = process.env.ELECTRON_OVERRIDE_DIST_PATH || join(repositoryDir, "node_modules", "electron", "dist");
	const path = join(distDir, executables[process.platform] ?? "electron");
	return existsSync(path) ? path : null;
}

/** A running app. */
export interface RealApp {
	readonly app: ElectronApplication;
	readonly dataDir: string;
	/** The main window, opened as a second start of the program opens it, with the service's page in it. */
	openWindow(): Promise<Page>;
	remove(): Promise<void>;
}

/** Starts it, compiled as it is. On Linux without a screen one is made. */
export async function startRealApp(executablePath: string, args: readonly string[] = []): Promise<RealApp> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-electron-"));
	const dataDir = join(folder, "home");
	mkdirSync(dataDir);
	const limits = { othersCpuPercent: null, leastFreeMemoryPercent: null, temperatureCelsius: null };
	const desktop = { startAtLogin: false, openedFiles: "queue" };
	writeFileSync(join(dataDir, "settings.json"), JSON.stringify({ schedule: { mode: "always" }, limits, desktop }));
	const screen =
		process.platform === "linux" && !process.env.DISPLAY ? spawn("Xvfb", [DISPLAY, "-nolisten", "tcp"]) : null;
	// Chromium's own sandbox does not start for root.
	const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
	const app = await electron.launch({
		executablePath,
		args: [repositoryDir, ...sandbox, ...args],
		env: definedOf({ ...process.env, NIGHTSHIFT_HOME: dataDir, ...(screen === null ? {} : { DISPLAY }) }),
	});
	return {
		app,
		dataDir,
		async openWindow() {
			const opened = app.waitForEvent("window", (page) => !page.url().includes("popover"));
			await app.evaluate(({ app: shell }) => shell.emit("activate"));
			const page = await opened;
			await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\//);
			return page;
		},
		async remove() {
			await app.evaluate(({ app: shell }) => shell.exit(0)).catch(() => {});
			await app.close().catch(() => {});
			screen?.kill();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

function definedOf(environment: NodeJS.ProcessEnv): Record<string, string> {
	return Object.fromEntries(
		Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
	);
}
