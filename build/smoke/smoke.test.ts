import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packedExecutable } from "./run-app.ts";

const program = fileURLToPath(new URL("../smoke.ts", import.meta.url));
let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-smoke-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What an app does as Node: a batch, to the end or not so far. */
const doBatch = 'cp "$3" "$5"';
const doHalfOfBatch = 'head -7 "$3" > "$5"';

/** An app that does what shell scripts say, as an app and as Node; answers the folder it lies in. */
function app(script: string, asNode = doBatch): string {
	const path = join(folder, "nightshift-desktop");
	const serviceDir = join(folder, "resources", "app.asar.unpacked");
	for (const [file, text] of [
		["dist/native/cli/main.js", ""],
		["assets/examples/tickets.jsonl", "{}\n".repeat(30)],
	] as const) {
		mkdirSync(dirname(join(serviceDir, file)), { recursive: true });
		writeFileSync(join(serviceDir, file), text);
	}
	writeFileSync(path, `#!/bin/sh\nif [ -n "$ELECTRON_RUN_AS_NODE" ]; then ${asNode}; exit; fi\n${script}\n`);
	chmodSync(path, 0o755);
	return folder;
}

function smoke(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
	const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
		encoding: "utf8",
		env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
	});
	return { status, output: stdout + stderr };
}

test("an app that ends well passes; it is asked to smoke, on data and a profile of its own, as an app and not as Node", () => {
	const record = join(folder, "record");
	const path = app(`echo "$@" "home=$NIGHTSHIFT_HOME" "node=$ELECTRON_RUN_AS_NODE" > "${record}"; echo window up`);
	const { status, output } = smoke(path, "--", "--no-sandbox");
	expect(output).toMatch(/window up\nThe app came up and went down in [\d.]+ s\.\nIts service did the demo batch/);
	expect(status).toBe(0);
	expect(readFileSync(record, "utf8")).toMatch(
		/^--smoke --user-data-dir=\S+chromium --no-sandbox home=\S+nightshift-smoke-\S+data node=\n$/,
	);
});

test("an app that ends badly fails, with what it printed and the service's log", () => {
	const { status, output } = smoke(
		app('mkdir -p "$NIGHTSHIFT_HOME"; echo no port > "$NIGHTSHIFT_HOME/nightshift.log"; exit 7'),
	);
	expect(output).toMatch(/no port[\s\S]*The app ended with 7 after/);
	expect(status).toBe(1);
});

test("an app whose service does no batch, or half of it, fails", () => {
	expect(smoke(app("true", "exit 9"))).toMatchObject({ status: 1, output: expect.stringContaining("ended with 9") });
	const half = smoke(app("true", doHalfOfBatch));
	expect(half).toMatchObject({ status: 1, output: expect.stringContaining("only 7 lines") });
});

test("an app that never ends is killed with all it started", () => {
	const pidPath = join(folder, "pid");
	const { status, output } = smoke("--timeout", "1", app(`sleep 600 & echo $! > "${pidPath}"; wait`));
	expect(output).toMatch("had not ended and was killed");
	expect(status).toBe(1);
	// The container's first process collects the dead, but not at once.
	const stat = `/proc/${readFileSync(pidPath, "utf8").trim()}/stat`;
	expect(existsSync(stat) ? readFileSync(stat, "utf8").split(") ")[1]?.[0] : "gone").toMatch(/gone|Z|X/);
});

test("a path without an app, and no path at all, are said to be so", () => {
	expect(smoke(folder)).toMatchObject({ status: 1, output: expect.stringContaining("no packed Nightshift") });
	expect(smoke("--smoke", folder)).toMatchObject({ status: 1, output: expect.stringContaining("Usage") });
	expect(smoke()).toMatchObject({ status: 1, output: expect.stringContaining("Usage") });
});

test("the program is found in folders of all three systems, and in itself", () => {
	const mac = join(folder, "mac", "Nightshift.app", "Contents", "MacOS");
	const windows = join(folder, "win-unpacked");
	for (const path of [mac, windows]) mkdirSync(path, { recursive: true });
	writeFileSync(join(mac, "Nightshift"), "");
	writeFileSync(join(windows, "Nightshift.exe"), "");
	expect(packedExecutable(join(folder, "mac"))).toBe(join(mac, "Nightshift"));
	expect(packedExecutable(join(folder, "mac", "Nightshift.app"))).toBe(join(mac, "Nightshift"));
	expect(packedExecutable(windows)).toBe(join(windows, "Nightshift.exe"));
	expect(packedExecutable(join(mac, "Nightshift"))).toBe(join(mac, "Nightshift"));
	expect(packedExecutable(join(folder, "nowhere"))).toBeNull();
});
