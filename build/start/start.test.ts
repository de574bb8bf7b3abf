import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findElectron } from "./electron.ts";

const program = fileURLToPath(new URL("../start.ts", import.meta.url));
const repositoryDir = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-start-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts with Electron looked for in one folder only, and fetched from nowhere: nothing listens on the discard port. */
function start(distDir: string, ...args: readonly string[]) {
	return spawnSync(process.execPath, [program, ...args], {
		encoding: "utf8",
		env: {
			...process.env,
			ELECTRON_OVERRIDE_DIST_PATH: distDir,
			ELECTRON_MIRROR: "http://127.0.0.1:9/",
			electron_config_cache: join(folder, "cache"),
			ELECTRON_RUN_AS_NODE: "1",
		},
	});
}

test("without Electron one sentence says what there is instead", () => {
	const { status, stdout, stderr } = start(folder);
	expect(stderr).toMatch(/^The tray app needs Electron[^\n]*`npm run serve`[^\n]*http:\/\/127\.0\.0\.1:22007\.\n$/);
	expect(stdout).toBe("");
	expect(status).toBe(1);
});

test("with Electron the app is compiled and started as an app, and ends the way Electron ends", () => {
	const record = join(folder, "record");
	const electron = join(folder, "electron");
	writeFileSync(electron, `#!/bin/sh\necho "$@" "node=$ELECTRON_RUN_AS_NODE" > "${record}"\nexit 3\n`);
	chmodSync(electron, 0o755);
	const { status, stderr } = start(folder, "--hidden");
	expect({ status, stderr }).toEqual({ status: 3, stderr: "" });
	expect(readFileSync(record, "utf8")).toBe(`${repositoryDir} --hidden node=\n`);
});

test("Electron is looked for in its package, or where the environment says", () => {
	expect(findElectron(folder, {})).toBeNull();
	const name = { darwin: "Electron.app/Contents/MacOS/Electron", win32: "electron.exe" }[process.platform as string];
	const path = join(folder, "dist", name ?? "electron");
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, "");
	expect(findElectron(folder, {})).toBe(path);
	expect(findElectron("/nowhere", { ELECTRON_OVERRIDE_DIST_PATH: join(folder, "dist") })).toBe(path);
});
