import { execFileSync, spawnSync } from "node:child_process";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Platform } from "../base/base.ts";
import { FakeApp, type FakeAppOptions } from "../testing/fake-app.ts";
import { createFakeLink, type FakeLink } from "../testing/fake-link.ts";
import { createFakeMemory, type FakeMemory } from "../testing/fake-memory.ts";
import { settingsWith, up } from "../testing/sample-state.ts";
import { autostartEntry } from "./desktop-entry.ts";
import { createLoginItem, type LoginItem, wasStartedHidden } from "./login-item.ts";

let home: string;
let app: FakeApp;
let link: FakeLink;
let memory: FakeMemory;
let loginItem: LoginItem;
let problems: (string | null)[];

interface Start extends FakeAppOptions {
	readonly platform?: Platform;
	readonly environment?: Readonly<Record<string, string>>;
	readonly execPath?: string;
}

async function start({
	platform = "linux",
	environment = {},
	execPath = "/opt/Nightshift/nightshift",
	...options
}: Start = {}) {
	app = new FakeApp({ paths: { home }, ...options });
	const onProblem = (message: string | null) => void problems.push(message);
	loginItem = createLoginItem({ app, link, memory, platform, environment, execPath, onProblem });
	await loginItem.settle();
}

async function choose(startAtLogin: boolean): Promise<void> {
	link.become({ settings: settingsWith({ desktop: { startAtLogin } }) });
	await loginItem.settle();
}

const entryPath = () => join(home, ".config", "autostart", "nightshift.desktop");
const execOf = (entry: string) => /^Exec=(.*)$/m.exec(entry)?.[1] ?? "";

beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "nightshift-login-"));
	link = createFakeLink({ service: up, settings: settingsWith() });
	memory = createFakeMemory();
	problems = [];
});
afterEach(() => {
	loginItem?.stop();
	rmSync(home, { recursive: true, force: true });
});

test("on Linux an autostart file is written, and removed when it is switched off", async () => {
	await start();
	const entry = readFileSync(entryPath(), "utf8");
	expect(entry).toContain('Exec="/opt/Nightshift/nightshift" "--hidden"\n');
	expect(entry).toContain("X-GNOME-Autostart-enabled=true");
	expect(readdirSync(join(home, ".config", "autostart"))).toEqual(["nightshift.desktop"]);
	await choose(false);
	expect(existsSync(entryPath())).toBe(false);
	await choose(true);
	expect(existsSync(entryPath())).toBe(true);
	expect(problems).toEqual([]);
});

test("an AppImage is started by its file, and an update that renamed it mends the entry", async () => {
	await start({ environment: { APPIMAGE: "/home/ada/Nightshift-1.0.0.AppImage" } });
	loginItem.stop();
	await start({ environment: { APPIMAGE: "/home/ada/Nightshift-1.1.0.AppImage" } });
	expect(execOf(readFileSync(entryPath(), "utf8"))).toBe('"/home/ada/Nightshift-1.1.0.AppImage" "--hidden"');
});

test("the folder of the session's configuration may lie elsewhere", async () => {
	const config = join(home, "elsewhere");
	await start({ environment: { XDG_CONFIG_HOME: config } });
	expect(existsSync(join(config, "autostart", "nightshift.desktop"))).toBe(true);
	loginItem.stop();
	memory = createFakeMemory();
	await start({ environment: { XDG_CONFIG_HOME: "not/absolute" } });
	expect(existsSync(entryPath())).toBe(true);
});

test("a file that can't be written is told of in words, and no longer once it can", async () => {
	writeFileSync(join(home, ".config"), "a file where a folder should be");
	await start();
	expect(problems).toEqual([expect.stringContaining("could not be written")]);
	rmSync(join(home, ".config"));
	await choose(false);
	expect(problems).toEqual([expect.stringContaining("could not be written"), null]);
});

test.each([
	["removed", () => rmSync(entryPath())],
	[
		"hidden",
		() =>
			writeFileSync(
				entryPath(),
				readFileSync(entryPath(), "utf8").replace("[Desktop Entry]", "[Desktop Entry]\nHidden=true"),
			),
	],
	[
		"off in GNOME",
		() => writeFileSync(entryPath(), readFileSync(entryPath(), "utf8").replace("enabled=true", "enabled=false")),
	],
])("an entry that is %s by the desktop's own means stays so until the setting is changed", async (_how, undo) => {
	await start();
	loginItem.stop();
	undo();
	const left = existsSync(entryPath()) ? readFileSync(entryPath(), "utf8") : null;
	await start();
	expect(existsSync(entryPath()) ? readFileSync(entryPath(), "utf8") : null).toBe(left);
	expect(problems).toEqual([expect.stringContaining("elsewhere")]);
	await choose(false);
	await choose(true);
	expect(readFileSync(entryPath(), "utf8")).toContain("X-GNOME-Autostart-enabled=true");
	expect(problems.at(-1)).toBeNull();
});

test("an item that the user removed in Windows' or macOS' settings is not brought back by the next start", async () => {
	await start({ platform: "win32" });
	loginItem.stop();
	// The next start finds an app whose item is gone.
	await start({ platform: "win32" });
	expect(app.getLoginItemSettings({ args: ["--hidden"] }).openAtLogin).toBe(false);
	expect(problems).toEqual([expect.stringContaining("elsewhere")]);
});

test("before the settings are known nothing is written or removed", async () => {
	link.become({ settings: null });
	mkdirSync(join(home, ".config", "autostart"), { recursive: true });
	writeFileSync(entryPath(), "what was there");
	await start();
	expect(readFileSync(entryPath(), "utf8")).toBe("what was there");
});

test("a copy that runs from its source leaves the login items alone", async () => {
	await start({ isPackaged: false });
	expect(existsSync(entryPath())).toBe(false);
	await start({ isPackaged: false, platform: "darwin" });
	expect(app.getLoginItemSettings({ args: ["--hidden"] }).openAtLogin).toBe(false);
});

test("on Windows the item is read back by the arguments it was written with", async () => {
	await start({ platform: "win32" });
	expect(app.getLoginItemSettings({ args: ["--hidden"] }).openAtLogin).toBe(true);
	expect(app.getLoginItemSettings().openAtLogin).toBe(false);
	await choose(false);
	expect(app.getLoginItemSettings({ args: ["--hidden"] }).openAtLogin).toBe(false);
	expect(problems).toEqual([]);
});

test("macOS that wants to be asked first is told of, until it is switched off", async () => {
	await start({ platform: "darwin", needsApproval: true });
	expect(problems).toEqual([expect.stringContaining("Login Items")]);
	await choose(false);
	expect(problems.at(-1)).toBeNull();
});

test("an item that was switched off in Windows' Task Manager is told of", async () => {
	await start({ platform: "win32", isSwitchedOff: true });
	expect(problems).toEqual([expect.stringContaining("Task Manager")]);
});

test("a start with the session shows no window", () => {
	const atLogin = (wasOpenedAtLogin: boolean) => ({ wasOpenedAtLogin });
	expect(wasStartedHidden(["/opt/nightshift", "--hidden"], atLogin(false))).toBe(true);
	expect(wasStartedHidden(["/Applications/Nightshift"], atLogin(true))).toBe(true);
	expect(wasStartedHidden(["/opt/nightshift", "hidden.jsonl"], atLogin(false))).toBe(false);
});

test("a path with a line break can't stand in an entry", () => {
	expect(autostartEntry(["/opt/a\nExec=evil"])).toBeNull();
	expect(autostartEntry(["/opt/a\u0000b"])).toBeNull();
});

/** What a desktop makes of `Exec`, by the specification's own order: the file's escapes, the field codes, the quotes. */
function parseExec(value: string): readonly string[] {
	const escapes: Readonly<Record<string, string>> = { s: " ", n: "\n", t: "\t", r: "\r", "\\": "\\" };
	const text = value.replace(/\\(.)/g, (_all, character: string) => escapes[character] ?? character);
	return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, quoted = ""]) =>
		quoted.replace(/\\(["`$\\])/g, "$1").replaceAll("%%", "%"),
	);
}

test.each([
	"/home/ada lovelace/Nightshift.AppImage",
	'/opt/the "best"/nightshift',
	"/opt/$HOME/`id`/nightshift",
	"/opt/back\\slash\\\\twice/nightshift",
	"/opt/it's;a&b|c<d>e(f)*?#~/nightshift",
	"/opt/größe/夜勤/nightshift",
])("a program at %s is named so that a desktop finds it", (path) => {
	const entry = autostartEntry([path, "--hidden"]) ?? "";
	expect(parseExec(execOf(entry))).toEqual([path, "--hidden"]);
});

test("a program with a % in its path is started by the shell, for GLib finds no such program", () => {
	const entry = autostartEntry(["/opt/100% sure/%U/nightshift", "--hidden"]) ?? "";
	const started = ["sh", "-c", 'exec "$0" "$@"', "/opt/100% sure/%U/nightshift", "--hidden"];
	expect(parseExec(execOf(entry))).toEqual(started);
});

const hasGio = spawnSync("gio", ["version"], { stdio: "ignore" }).error === undefined;

test
	.skipIf(!hasGio)
	.each([
		"plain",
		"with spaces and \"quotes\" and 'single' ones",
		"with $c and `e` and \\f and \\\\g",
		"with 100% and %U and %%",
		"a=b;c&d|e<f>g(h)*?#~",
	])("GLib, by which GNOME starts programs, starts one in the folder %s", async (name) => {
	const folder = join(home, name);
	mkdirSync(folder);
	const program = join(folder, "nightshift");
	const heard = join(home, "heard");
	writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$0" "$@" > "${heard}.part"; mv "${heard}.part" "${heard}"\n`);
	chmodSync(program, 0o755);
	const path = join(home, "nightshift.desktop");
	writeFileSync(path, autostartEntry([program, "--hidden"]) ?? "");
	execFileSync("gio", ["launch", path]);
	await expect.poll(() => existsSync(heard)).toBe(true);
	expect(readFileSync(heard, "utf8").split("\n")).toEqual([program, "--hidden", ""]);
});
