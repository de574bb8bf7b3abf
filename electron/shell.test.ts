import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Platform } from "./base/base.ts";
import { startShell } from "./shell.ts";
import { createFakeElectron, hostOf } from "./testing/fake-electron.ts";
import type { FakeMenu } from "./testing/fake-menu.ts";
import { FakeProcess } from "./testing/fake-process.ts";
import type { FakeWindow } from "./testing/fake-window.ts";
import { sampleMesh } from "./testing/sample-state.ts";
import { firewallWords } from "./words/firewall.ts";
import { shellWords } from "./words/shell.ts";
import { trayWords } from "./words/tray.ts";
import { updatesWords } from "./words/updates.ts";
import { windowWords } from "./words/windows.ts";

// All rooms wired as in the product, over the fake Electron, on each system. The service is a stand-in that answers what windows ask.

const standIn = `
const { existsSync, readFileSync } = require("node:fs");
const events = __dirname + "/events.txt";
const server = require("node:http").createServer((question, answer) => {
	if (question.url === "/api/session/codes") answer.end('{"code":"c","expiresAtMs":1}');
	else if (question.url.startsWith("/api/events") && existsSync(events)) answer.write(readFileSync(events));
	else answer.writeHead(404).end();
});
server.listen(0, "127.0.0.1", () => {
	const url = "http://127.0.0.1:" + server.address().port;
	process.send({ kind: "ready", url, token: "t", version: "1.0.0", dataDir: "/data", logPath: "/data/nightshift.log" });
});
process.on("message", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
`;

let folder: string;
let fake: ReturnType<typeof createFakeElectron>;
let process: FakeProcess;
/** The bar of the program when its first window was made. */
let barAtFirstWindow: FakeMenu | null | undefined;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-shell-"));
	mkdirSync(join(folder, "dist", "native"), { recursive: true });
	writeFileSync(join(folder, "dist", "native", "main.js"), standIn);
	barAtFirstWindow = undefined;
});
afterEach(async () => {
	process.emit("SIGTERM");
	await expect.poll(() => fake.app.phase).toBe("quit");
	rmSync(folder, { recursive: true, force: true });
});

function start(platform: Platform, argv: readonly string[] = [], isSecond = false): void {
	const names = ["userData", "logs", "documents", "downloads", "home"];
	const paths = Object.fromEntries(names.map((name) => [name, join(folder, name)]));
	fake = createFakeElectron({ paths, isSecond });
	fake.desk.onContents(() => {
		if (barAtFirstWindow === undefined) barAtFirstWindow = fake.Menu.getApplicationMenu();
	});
	const execPath = platform === "win32" ? "C:\\Nightshift\\Nightshift.exe" : "/opt/nightshift";
	process = new FakeProcess({ platform, argv, cwd: folder, execPath });
	startShell(hostOf(fake, process, folder));
}

/** Starts it as the session does, without a window, until the service is up. */
async function startHidden(platform: Platform): Promise<void> {
	start(platform, ["--hidden"]);
	fake.app.becomeReady();
	await expect.poll(() => log()).toContain('"kind":"up"');
}

const log = () => readFileSync(join(folder, "logs", "shell.log"), "utf8");
const seen = () => fake.desk.windows.filter((window) => window.isVisible());

function tray() {
	const [icon] = fake.trays;
	if (icon === undefined) throw new Error("There is no icon in the tray.");
	return icon;
}

/** What the tray's menu is, however this system opens it. */
function trayMenu(): FakeMenu {
	tray().rightClick();
	const menu = tray().openMenu ?? tray().contextMenu;
	if (menu === null) throw new Error("The tray has no menu.");
	return menu;
}

/** The only window that is seen, when it shows a page whose address ends so. */
async function seenAt(end: string): Promise<FakeWindow> {
	await expect.poll(() => seen().map(({ address }) => address)).toEqual([expect.stringMatching(`^http://.*${end}$`)]);
	const [window] = seen();
	if (window === undefined) throw new Error("No window is seen.");
	return window;
}

test.each(["darwin", "win32", "linux"] as const)(
	"on %s the tray opens the popover, its menu the window",
	async (platform) => {
		await startHidden(platform);
		expect(seen()).toEqual([]);
		tray().click();
		const popover = await seenAt("/\\?popover");
		popover.webContents.press("Escape");
		popover.hide();
		trayMenu().choose(trayWords.settings);
		await seenAt("#/settings");
	},
);

test("on macOS the bar is there before any window, and Dock, activation and files on the icon lead to the window", async () => {
	await startHidden("darwin");
	expect(barAtFirstWindow?.labels).toContain(windowWords.menu.newBatch);
	fake.app.dock.menu?.choose(windowWords.menu.open);
	const window = await seenAt("/");
	expect(fake.app.activationPolicy).toBe("regular");
	window.close();
	expect(fake.app.activationPolicy).toBe("accessory");
	fake.app.emit("activate");
	(await seenAt("/")).close();
	tray().drop([join(folder, "tickets.jsonl")]);
	await seenAt("#/");
});

test("on Windows the program has its name before it is ready, no bar, and stops its service when the session ends", async () => {
	start("win32");
	expect(fake.app.userModelId).not.toBeNull();
	expect(fake.app.toastActivator).not.toBeNull();
	fake.app.becomeReady();
	const window = await seenAt("/");
	expect(fake.Menu.getApplicationMenu()).toBeNull();
	window.emit("session-end");
	await expect.poll(() => log()).toContain('"kind":"stopped"');
	expect(seen()).toEqual([]);
});

test("what is chosen in the tray's menu happens", async () => {
	await startHidden("linux");
	trayMenu().choose(trayWords.newBatch);
	await expect.poll(() => fake.dialog.open.length).toBe(1);
	fake.dialog.files.choose([join(folder, "tickets.jsonl")]);
	await seenAt("#/");
	trayMenu().choose(trayWords.logs);
	expect(fake.shell.revealed).toEqual(["/data/nightshift.log"]);
});

test("a second start hands over what it was given, and goes without a window or a log", () => {
	start("linux", ["tickets.jsonl"], true);
	expect(fake.app.phase).toBe("quit");
	expect(fake.trays).toEqual([]);
	expect(() => log()).toThrow("ENOENT");
});

test("a shell that can't be built says why and ends", async () => {
	rmSync(join(folder, "logs"), { recursive: true, force: true });
	writeFileSync(join(folder, "logs"), "a file where a folder should be");
	start("linux");
	fake.app.becomeReady();
	await expect.poll(() => fake.app.phase).toBe("quit");
	expect(fake.app.exitCode).toBe(1);
	expect(fake.dialog.errors).toMatchObject([{ title: shellWords.broken, content: expect.stringContaining("EEXIST") }]);
});

test("a smoke test without a folder of its own touches nothing", () => {
	start("linux", ["--smoke"]);
	expect(process.printed).toContain(shellWords.smokeNeedsFolder);
	expect(fake.app.exitCode).toBe(1);
	expect(fake.trays).toEqual([]);
});

test("when nothing comes of an update's installation, service, window and popover are there as before", async () => {
	await startHidden("win32");
	fake.autoUpdater.server.latest = "1.1.0";
	fake.autoUpdater.installFailure = "The installer is not signed.";
	trayMenu().choose(updatesWords.check);
	// Before the settings are known nothing is downloaded unasked.
	await expect.poll(() => trayMenu().offers(updatesWords.download("1.1.0"))).toBe(true);
	trayMenu().choose(updatesWords.download("1.1.0"));
	await expect.poll(() => trayMenu().labels).toContain(updatesWords.downloading("1.1.0", 0));
	fake.autoUpdater.finishDownload();
	await expect.poll(() => trayMenu().offers(updatesWords.restart)).toBe(true);
	trayMenu().choose(updatesWords.restart);
	await expect.poll(() => log()).toMatch(/"kind":"stopped"[\s\S]*"kind":"up"/);
	tray().click();
	const popover = await seenAt("/\\?popover");
	popover.hide();
	trayMenu().choose(trayWords.open);
	await seenAt("/");
});

test("on Windows, once the mesh is on, the tray's menu lets other machines in, and says so", async () => {
	// What the service tells first on its stream of events.
	const told = `event: mesh\ndata: ${JSON.stringify(sampleMesh("idle"))}\n\n`;
	writeFileSync(join(folder, "dist", "native", "events.txt"), told);
	await startHidden("win32");
	await expect.poll(() => trayMenu().offers(trayWords.allowFirewall)).toBe(true);
	trayMenu().choose(trayWords.allowFirewall);
	expect(trayMenu().offers(trayWords.allowFirewall)).toBe(false);
	process.programs.consent?.agree();
	await expect.poll(() => fake.notified.standing).toMatchObject([{ title: firewallWords.made }]);
	expect(process.programs.rules).toMatchObject([{ name: "Nightshift", program: process.execPath }]);
	expect(trayMenu().offers(trayWords.allowFirewall)).toBe(false);
});

test("quitting ends windows, tray and service", async () => {
	await startHidden("darwin");
	fake.app.dock.menu?.choose(windowWords.menu.open);
	await seenAt("/");
	fake.Menu.getApplicationMenu()?.choose(windowWords.menu.quit);
	await expect.poll(() => fake.app.phase).toBe("quit");
	expect(fake.app.exitCode).toBe(0);
	expect(fake.desk.windows).toEqual([]);
	expect(tray().isDestroyed).toBe(true);
	expect(log()).toContain('"kind":"stopped"');
});
