import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBridge } from "./bridge/bridge.ts";
import { createTrustedIpc, createTrustedSenders } from "./security/trusted-ipc.ts";
import { FakeDialog } from "./testing/fake-dialog.ts";
import { FakeIpcMain } from "./testing/fake-ipc-main.ts";
import { createFakeLog } from "./testing/fake-log.ts";
import { createFakeMemory } from "./testing/fake-memory.ts";
import { FakeShell } from "./testing/fake-shell.ts";
import { createFakeDesk } from "./testing/fake-window.ts";
import { compilePreload, runPreload } from "./testing/run-preload.ts";
import { serviceUrl } from "./windows/testing.ts";

let folder: string;
let code: string;
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-preload-"));
	code = await compilePreload(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The compiled script in a window, the bridge at the other end. */
async function setUp(platform = "linux", paths: ReadonlyMap<File, string> = new Map()) {
	const desk = createFakeDesk();
	const ipc = new FakeIpcMain();
	const senders = createTrustedSenders();
	const dialog = new FakeDialog();
	const fileManager = new FakeShell();
	const popover = {
		isVisible: true,
		hide() {
			this.isVisible = false;
		},
		keepOpenDuring: <Value>(work: () => Promise<Value>) => work(),
	};
	const log = createFakeLog();
	createBridge({
		platform: "linux",
		ipc: createTrustedIpc({ ipc, senders, origin: () => serviceUrl, log }),
		dialog,
		fileManager,
		memory: createFakeMemory(),
		windowOf: () => null,
		popover,
		firstFolder: folder,
		log,
	});
	const { webContents: contents } = desk.createWindow({});
	await contents.loadURL(`${serviceUrl}/`);
	senders.add(contents);
	const given = runPreload(code, { platform, ipc, contents, paths });
	const shell = given.get("shell");
	if (shell === undefined) throw new Error("The page got no bridge.");
	return { given, shell, dialog, fileManager, popover };
}

test("the page gets the bridge of the contract and nothing else", async () => {
	const { given, shell } = await setUp();
	expect([...given.keys()]).toEqual(["shell"]);
	expect(Object.keys(shell).sort()).toEqual(["chooseFiles", "closePopover", "pathsFor", "platform", "revealInFolder"]);
});

test.each([
	["darwin", "darwin"],
	["win32", "win32"],
	["linux", "linux"],
	["freebsd", "linux"],
])("on %s the page is told %s", async (platform, told) => {
	expect((await setUp(platform)).shell.platform).toBe(told);
});

test("dropped files are told by where they lie, in their order; those that lie nowhere by an empty text", async () => {
	const [first, second, made] = ["a.jsonl", "b.jsonl", "pasted.txt"].map((name) => new File([], name));
	if (first === undefined || second === undefined || made === undefined) throw new Error("There are three.");
	const { shell } = await setUp(
		"linux",
		new Map([
			[second, "/home/me/b.jsonl"],
			[first, "/home/me/a.jsonl"],
		]),
	);
	expect([...shell.pathsFor([first, made, second])]).toEqual(["/home/me/a.jsonl", "", "/home/me/b.jsonl"]);
});

test("files are chosen, shown and the popover put away through both ends of the bridge", async () => {
	const { shell, dialog, fileManager, popover } = await setUp();
	const chosen = shell.chooseFiles("files");
	await expect.poll(() => dialog.open.length).toBe(1);
	dialog.files.choose([join(folder, "tickets.jsonl")]);
	expect(await chosen).toEqual([join(folder, "tickets.jsonl")]);

	const path = join(folder, "results.jsonl");
	writeFileSync(path, "");
	await shell.revealInFolder(path);
	expect(fileManager.revealed).toEqual([path]);

	shell.closePopover();
	expect(popover.isVisible).toBe(false);
});

test("the script is one file that requires nothing but electron", () => {
	expect([...code.matchAll(/require\(([^)]*)\)/g)].map(([, name]) => name)).toEqual(['"electron"']);
	expect(code).not.toMatch(/^\s*(import|export)\s/m);
});
