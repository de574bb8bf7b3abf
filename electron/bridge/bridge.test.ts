import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import type { Platform } from "../base/base.ts";
import { createTrustedIpc, createTrustedSenders } from "../security/trusted-ipc.ts";
import { FakeDialog } from "../testing/fake-dialog.ts";
import { FakeIpcMain } from "../testing/fake-ipc-main.ts";
import { createFakeLog } from "../testing/fake-log.ts";
import { createFakeMemory } from "../testing/fake-memory.ts";
import { FakeShell } from "../testing/fake-shell.ts";
import { createFakeDesk } from "../testing/fake-window.ts";
import { serviceUrl } from "../windows/testing.ts";
import { createBridge, isLocalPath } from "./bridge.ts";
import { channels } from "./channels.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift bridge "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function setUp(platform: Platform = "linux") {
	const desk = createFakeDesk();
	const ipc = new FakeIpcMain();
	const senders = createTrustedSenders();
	const dialog = new FakeDialog();
	const shell = new FakeShell();
	const memory = createFakeMemory();
	const log = createFakeLog();
	const popover = {
		isVisible: true,
		reasonsToStay: 0,
		hide() {
			this.isVisible = false;
		},
		async keepOpenDuring<Value>(work: () => Promise<Value>): Promise<Value> {
			this.reasonsToStay++;
			return work().finally(() => this.reasonsToStay--);
		},
	};
	const bridge = createBridge({
		platform,
		ipc: createTrustedIpc({ ipc, senders, origin: () => serviceUrl, log }),
		dialog,
		fileManager: shell,
		memory,
		windowOf: (id) => desk.windows.find(({ webContents }) => webContents.id === id) ?? null,
		popover,
		firstFolder: "/home/me/Documents",
		log,
	});
	const window = desk.createWindow({});
	await window.webContents.loadURL(`${serviceUrl}/`);
	senders.add(window.webContents);
	const call = (channel: string, ...values: unknown[]) => ipc.invoke(window.webContents, channel, values);
	return { desk, ipc, dialog, shell, memory, warnings: log.warnings, popover, bridge, window, call };
}

describe("choosing files", () => {
	it("asks before the window it was asked from, and answers what was chosen", async () => {
		const { call, dialog, window } = await setUp();
		const chosen = call(channels.chooseFiles, "files");
		expect(dialog.files.parent).toBe(window);
		expect(dialog.files.options.properties).toEqual(["openFile", "multiSelections"]);
		dialog.files.choose(["/a/one.jsonl", "/a/two.jsonl"]);
		expect(await chosen).toEqual(["/a/one.jsonl", "/a/two.jsonl"]);
	});

	it("answers none when the user thinks better of it", async () => {
		const { call, dialog, memory } = await setUp();
		const chosen = call(channels.chooseFiles, "files");
		dialog.files.choose([]);
		expect(await chosen).toEqual([]);
		expect(memory.current.lastFolder).toBeNull();
	});

	it("begins where something was chosen last, as long as that is there", async () => {
		const { call, dialog } = await setUp();
		const first = call(channels.chooseFiles, "files");
		expect(dialog.files.options.defaultPath).toBe("/home/me/Documents");
		dialog.files.choose([join(folder, "tickets.jsonl")]);
		await first;
		const second = call(channels.chooseFiles, "folder");
		expect(dialog.files.options).toMatchObject({ defaultPath: folder, properties: ["openDirectory"] });
		const inner = join(folder, "inner");
		mkdirSync(inner);
		dialog.files.choose([inner]);
		await second;
		rmSync(inner, { recursive: true });
		const third = call(channels.chooseFiles, "folder");
		expect(dialog.files.options.defaultPath).toBe("/home/me/Documents");
		dialog.files.choose([]);
		await third;
	});

	it("asks once at a time, and keeps the popover in sight meanwhile", async () => {
		const { call, dialog, popover } = await setUp();
		const first = call(channels.chooseFiles, "files");
		expect(popover.reasonsToStay).toBe(1);
		expect(await call(channels.chooseFiles, "files")).toEqual([]);
		expect(dialog.open).toHaveLength(1);
		dialog.files.choose(["/a/one.jsonl"]);
		expect(await first).toEqual(["/a/one.jsonl"]);
		expect(popover.reasonsToStay).toBe(0);
		const again = call(channels.chooseFiles, "files");
		dialog.files.choose([]);
		await again;
	});

	it("works from the menu as well, without a window", async () => {
		const { bridge, dialog } = await setUp();
		const chosen = bridge.chooseFiles("files", null);
		expect(dialog.files.parent).toBeNull();
		dialog.files.choose(["/a/one.jsonl"]);
		expect(await chosen).toEqual(["/a/one.jsonl"]);
	});

	it("lets any file be chosen", async () => {
		const { call, dialog } = await setUp("win32");
		const chosen = call(channels.chooseFiles, "files");
		expect(dialog.files.options.filters?.map(({ extensions }) => extensions)).toEqual([
			expect.arrayContaining(["jsonl", "csv"]),
			["*"],
		]);
		dialog.files.choose([]);
		await chosen;
	});

	it.each([["everything"], [undefined], [{ kind: "files" }]])("is refused for %j", async (kind) => {
		const { call, dialog } = await setUp();
		await expect(call(channels.chooseFiles, kind)).rejects.toThrow("Refused.");
		expect(dialog.open).toEqual([]);
	});
});

describe("showing a file in the file manager", () => {
	it("shows one that is there", async () => {
		const { call, shell } = await setUp();
		const path = join(folder, "results.jsonl");
		writeFileSync(path, "");
		await call(channels.revealInFolder, path);
		expect(shell.revealed).toEqual([path]);
	});

	it.each(["results.jsonl", "../results.jsonl", "/nowhere/results.jsonl", "file:///etc/passwd"])(
		"not %s",
		async (path) => {
			const { call, shell, warnings } = await setUp();
			await call(channels.revealInFolder, path);
			expect(shell.revealed).toEqual([]);
			expect(warnings).toHaveLength(1);
		},
	);

	it("never opens a file", async () => {
		const { call, shell } = await setUp();
		const path = join(folder, "program.sh");
		writeFileSync(path, "");
		await call(channels.revealInFolder, path);
		expect(shell.opened).toEqual([]);
	});

	test.each([
		["C:\\Users\\me\\a.jsonl", "win32", true],
		["c:/Users/me/a.jsonl", "win32", true],
		["\\\\server\\share\\a.jsonl", "win32", false],
		["//server/share/a.jsonl", "win32", false],
		["\\\\?\\C:\\a.jsonl", "win32", false],
		["\\Users\\me", "win32", false],
		["C:a.jsonl", "win32", false],
		["/home/me/a.jsonl", "linux", true],
		["/home/me/a\0.jsonl", "linux", false],
		["a.jsonl", "darwin", false],
	] as const)("%s on %s: %s", (path, platform, isLocal) => {
		expect(isLocalPath(path, platform)).toBe(isLocal);
	});
});

it("the page can put the popover away", async () => {
	const { ipc, window, popover } = await setUp();
	ipc.send(window.webContents, channels.closePopover, []);
	expect(popover.isVisible).toBe(false);
});
