import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessageBoxOptions } from "electron";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EngineEvent } from "../../native/contract/contract.ts";
import { createQuit } from "../quit/quit.ts";
import { FakeApp } from "../testing/fake-app.ts";
import { createFakeLink, type FakeLink } from "../testing/fake-link.ts";
import { createFakeLog } from "../testing/fake-log.ts";
import { createFakeMemory } from "../testing/fake-memory.ts";
import { FakeUpdater } from "../testing/fake-updater.ts";
import { batchesOf, machineOn, sampleBatch, settingsWith, up } from "../testing/sample-state.ts";
import type { Installation } from "./package-kind.ts";
import {
	CALM_MS,
	CHECK_EVERY_MS,
	createUpdates,
	FIRST_CHECK_MS,
	INSTALL_LIMIT_MS,
	readPackageType,
	type Updates,
} from "./updates.ts";

const appImage: Installation = {
	platform: "linux",
	isPackaged: true,
	environment: { APPIMAGE: "/home/ada/Nightshift.AppImage" },
	execPath: "/tmp/.mount/nightshift",
	packageType: null,
};
const working = { batches: batchesOf(sampleBatch("a")), machine: machineOn("run") };

let app: FakeApp;
let link: FakeLink;
let updater: FakeUpdater;
let updates: Updates;
let service: "up" | "stopped";
let questions: MessageBoxOptions[];
let answer: number;

function start(installation: Installation = appImage): void {
	const dialog = {
		async showMessageBox(options: MessageBoxOptions) {
			questions.push(options);
			return { response: answer, checkboxChecked: false };
		},
	};
	const memory = createFakeMemory();
	const stopService = async () => {
		service = "stopped";
	};
	const quit = createQuit({ app, link, memory, dialog, stopService, toBackground() {}, log: createFakeLog() });
	updates = createUpdates({
		loadUpdater: () => updater,
		...{ installation, link, dialog, quit },
		startService() {
			service = "up";
		},
		random: () => 0,
		log: createFakeLog(),
	});
}

/** Goes on until version 1.2.0 is on this computer. */
async function getReady(): Promise<void> {
	updater.server.latest = "1.2.0";
	start();
	await vi.advanceTimersByTimeAsync(FIRST_CHECK_MS);
	updater.finishDownload();
	await vi.advanceTimersByTimeAsync(0);
}

function actions(): readonly string[] {
	return updates.view.actions.map(({ action }) => action);
}

beforeEach(() => {
	vi.useFakeTimers();
	app = new FakeApp();
	app.becomeReady();
	link = createFakeLink({ service: up, settings: settingsWith() });
	updater = new FakeUpdater("1.1.0", () => {
		// Nothing may live that holds a file open.
		expect(service).toBe("stopped");
		app.quit();
	});
	updater.server.latest = "1.1.0";
	service = "up";
	questions = [];
	answer = 2;
});
afterEach(() => {
	updates.stop();
	vi.useRealTimers();
});

test("the server is asked a while after the start and then every six hours", async () => {
	start();
	expect(updater.checks).toBe(0);
	await vi.advanceTimersByTimeAsync(FIRST_CHECK_MS);
	expect(updater.checks).toBe(1);
	expect(updates.view.line).toBe("Nightshift is up to date");
	await vi.advanceTimersByTimeAsync(2 * CHECK_EVERY_MS);
	expect(updater.checks).toBe(3);
});

test("electron-updater is left nothing to do of its own accord", async () => {
	start();
	await vi.advanceTimersByTimeAsync(FIRST_CHECK_MS);
	const { autoDownload, autoInstallOnAppQuit, disableWebInstaller, allowDowngrade, channel } = updater;
	expect({ autoDownload, autoInstallOnAppQuit, disableWebInstaller, allowDowngrade, channel }).toEqual({
		autoDownload: false,
		autoInstallOnAppQuit: false,
		disableWebInstaller: true,
		allowDowngrade: false,
		channel: "latest",
	});
});

test("a new version is downloaded, and offered while nothing is being worked on", async () => {
	updater.server.latest = "1.2.0";
	start();
	await vi.advanceTimersByTimeAsync(FIRST_CHECK_MS);
	updater.progress(41.7);
	expect(updates.view.line).toBe("Downloading version 1.2.0: 41 %");
	updater.finishDownload();
	expect(updates.view).toMatchObject({ line: "Version 1.2.0 is ready" });
	expect(actions()).toEqual(["restart"]);
	await vi.advanceTimersByTimeAsync(CHECK_EVERY_MS);
	expect(updater.installed).toBeNull();
});

test("who wants to be asked before a download is", async () => {
	link.become({ settings: settingsWith({ updates: { download: false } }) });
	updater.server.latest = "1.2.0";
	start();
	await updates.act("check");
	await vi.advanceTimersByTimeAsync(0);
	expect(updates.view.line).toBe("Version 1.2.0 is available");
	await updates.act("download");
	updater.finishDownload();
	expect(updates.view.actions.map(({ action }) => action)).toEqual(["restart"]);
});

test("a restart ends the service first, passes the question of quitting, and installs", async () => {
	await getReady();
	link.become({ batches: batchesOf(sampleBatch("a", { health: { state: "waiting", words: "" } })) });
	await updates.act("restart");
	await vi.advanceTimersByTimeAsync(0);
	expect(updater.installed).toBe("1.2.0");
	expect(app.phase).toBe("quit");
	expect(questions).toEqual([]);
});

test("while lines run it waits; what could be lost is asked about, and kept when in doubt", async () => {
	await getReady();
	link.become(working);
	expect(updates.view.line).toContain("waits for the work at hand");
	expect(actions()).toEqual(["arm", "restart-anyway"]);
	await updates.act("restart-anyway");
	expect(questions).toMatchObject([{ message: "Restart now for version 1.2.0?", cancelId: 2 }]);
	await vi.advanceTimersByTimeAsync(CHECK_EVERY_MS);
	expect(updater.installed).toBeNull();
	answer = 0;
	await updates.act("restart-anyway");
	await vi.advanceTimersByTimeAsync(0);
	expect(updater.installed).toBe("1.2.0");
});

test("a menu that is older than the work does not cut it off", async () => {
	await getReady();
	link.become(working);
	await updates.act("restart");
	expect(questions).toHaveLength(1);
	expect(updater.installed).toBeNull();
});

test("told to wait, it restarts when work has been over for a while, not in the pause between two batches", async () => {
	await getReady();
	link.become(working);
	await updates.act("arm");
	expect(updates.view.line).toContain("restarts when the work is done");
	link.become({ batches: new Map() });
	await vi.advanceTimersByTimeAsync(CALM_MS - 1_000);
	link.become(working);
	await vi.advanceTimersByTimeAsync(10 * CALM_MS);
	expect(updater.installed).toBeNull();
	link.become({ batches: new Map() });
	await vi.advanceTimersByTimeAsync(CALM_MS);
	expect(updater.installed).toBe("1.2.0");
});

test("an answer on its way to somebody counts as work too", async () => {
	await getReady();
	const engine: EngineEvent = { models: [], live: { running: 1, waiting: 0, limit: 2 }, isAside: true, handBackMs: 1 };
	link.become({ engine });
	expect(actions()).toEqual(["arm", "restart-anyway"]);
});

test("the menu is told when work begins and ends", async () => {
	await getReady();
	const lines: (string | null)[] = [];
	updates.watch(() => void lines.push(updates.view.line));
	link.become(working);
	link.become({ machine: machineOn("run") });
	link.become({ batches: new Map() });
	expect(lines).toHaveLength(2);
});

test("an installer that does not start leaves the program as it was, service and all", async () => {
	await getReady();
	updater.installFailure = "Permission denied";
	await updates.act("restart");
	await vi.advanceTimersByTimeAsync(0);
	expect(updates.view.line).toBe("The update failed: Permission denied");
	expect(service).toBe("up");
	expect(app.phase).toBe("ready");
	link.become(working);
	app.quit();
	expect(questions).toHaveLength(1);
});

test("an installer that says nothing at all is given up after a minute", async () => {
	await getReady();
	updater.quitAndInstall = () => {};
	await updates.act("restart");
	await vi.advanceTimersByTimeAsync(INSTALL_LIMIT_MS);
	expect(updates.view.line).toBe("The update failed: The installation has not begun.");
	expect(service).toBe("up");
});

test("a network that is away is tried again later and later, by the first line of what went wrong", async () => {
	updater.failure = "net::ERR_INTERNET_DISCONNECTED\n    at a stack";
	start();
	await vi.advanceTimersByTimeAsync(FIRST_CHECK_MS);
	expect(updates.view.line).toBe("The update failed: net::ERR_INTERNET_DISCONNECTED");
	await vi.advanceTimersByTimeAsync(15 * 60_000);
	expect(updater.checks).toBe(2);
	await vi.advanceTimersByTimeAsync(15 * 60_000);
	expect(updater.checks).toBe(2);
	updater.failure = null;
	await vi.advanceTimersByTimeAsync(15 * 60_000);
	expect(updater.checks).toBe(3);
	expect(updates.view.line).toBe("Nightshift is up to date");
});

test("a download that breaks off is a failure like any other", async () => {
	updater.server.latest = "1.2.0";
	start();
	await vi.advanceTimersByTimeAsync(FIRST_CHECK_MS);
	updater.failDownload("sha512 checksum mismatch");
	await vi.advanceTimersByTimeAsync(0);
	expect(updates.view.line).toBe("The update failed: sha512 checksum mismatch");
	expect(actions()).toEqual(["check"]);
});

test("another channel is asked at once when it is chosen, and going back is no downgrade", async () => {
	updater.server.beta = "1.3.0-beta.1";
	start();
	await vi.advanceTimersByTimeAsync(FIRST_CHECK_MS);
	link.become({ settings: settingsWith({ updates: { channel: "beta" } }) });
	await vi.advanceTimersByTimeAsync(0);
	expect(updates.view.line).toBe("Downloading version 1.3.0-beta.1: 0 %");
	expect(updater.allowDowngrade).toBe(false);
});

test("a service that never came up keeps nobody from an update, but nothing is downloaded unasked", async () => {
	link.become({ service: { kind: "given-up", message: "" }, settings: null });
	updater.server.latest = "1.2.0";
	start();
	await vi.advanceTimersByTimeAsync(FIRST_CHECK_MS);
	expect(updates.view.line).toBe("Version 1.2.0 is available");
});

test.each<[string, Partial<Installation>, string]>([
	["runs from its source", { isPackaged: false }, "from its source"],
	["is a snap", { environment: { SNAP: "/snap/nightshift/1" } }, "software centre"],
	["is a Flatpak", { environment: { FLATPAK_ID: "app.nightshift" } }, "software centre"],
	["was unpacked by hand", { environment: {} }, "can't be updated from within"],
	["is a portable copy", { platform: "win32", environment: { PORTABLE_EXECUTABLE_DIR: "E:\\" } }, "portable copy"],
	["runs from its disk image", { platform: "darwin", execPath: "/Volumes/Nightshift/Nightshift.app" }, "Applications"],
])("a copy that %s says why it has no updates, and asks nobody", async (_how, changes, words) => {
	start({ ...appImage, ...changes });
	await updates.act("check");
	await vi.advanceTimersByTimeAsync(CHECK_EVERY_MS);
	expect(updates.view).toMatchObject({ line: expect.stringContaining(words), actions: [] });
	expect(updater.checks).toBe(0);
	expect(updater.autoDownload).toBe(true);
});

test("what a Linux package says it is stands in a file beside the program; other copies have none", () => {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-package-"));
	start();
	expect(readPackageType(folder)).toBeNull();
	writeFileSync(join(folder, "package-type"), "deb\n");
	expect(readPackageType(folder)).toBe("deb");
	rmSync(folder, { recursive: true });
});

test.each<[string, Partial<Installation>]>([
	["a deb", { environment: {}, packageType: "deb" }],
	["an installed Windows program", { platform: "win32", environment: {} }],
	["a Mac program in its place", { platform: "darwin", environment: {}, execPath: "/Applications/Nightshift.app" }],
])("%s has updates", async (_what, changes) => {
	start({ ...appImage, ...changes });
	await vi.advanceTimersByTimeAsync(FIRST_CHECK_MS);
	expect(updater.checks).toBe(1);
});
