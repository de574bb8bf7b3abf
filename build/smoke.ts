/**
 * Starts a packed app as its users get it and sees it through: `node build/smoke.ts release/linux-unpacked`. With `--smoke` the app brings
 * up shell, service and page by itself and ends with 0; then its service does a small batch under Electron's Node. Works on data of its own; a running Nightshift is not disturbed.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BatchEnd, runDemoBatch } from "./smoke/demo-batch.ts";
import { type AppEnd, packedExecutable, runApp } from "./smoke/run-app.ts";

/** A cold start on a hosted macOS machine, where everything is checked for malware first, takes most of a minute. */
const DEFAULT_TIMEOUT_SECONDS = 180;
const USAGE = "Usage: node build/smoke.ts [--timeout SECONDS] PATH [-- ARGUMENT…]";

/** What was asked for; null when it can't be understood. */
function ask(): { readonly path: string; readonly args: readonly string[]; readonly timeoutSeconds: number } | null {
	try {
		const { values, positionals } = parseArgs({
			options: { timeout: { type: "string", default: String(DEFAULT_TIMEOUT_SECONDS) } },
			allowPositionals: true,
		});
		const [path, ...args] = positionals;
		const timeoutSeconds = Number(values.timeout);
		return path === undefined || !(timeoutSeconds > 0) ? null : { path, args, timeoutSeconds };
	} catch {
		return null;
	}
}

const asked = ask();
const executable = asked === null ? null : packedExecutable(asked.path);
if (asked === null) fail(USAGE);
else if (executable === null) fail(`There is no packed Nightshift at ${asked.path}.`);
else await smoke(executable, asked.args, asked.timeoutSeconds);

async function smoke(executable: string, args: readonly string[], timeoutSeconds: number): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-smoke-"));
	const dataDir = join(folder, "data");
	const { ELECTRON_RUN_AS_NODE: _asNode, ...environment } = process.env;
	const start = performance.now();
	const end = await runApp({
		executable,
		// Its own folder of Chromium's too: with the usual one a running Nightshift would answer in its place.
		args: ["--smoke", `--user-data-dir=${join(folder, "chromium")}`, ...args],
		environment: { ...environment, NIGHTSHIFT_HOME: dataDir },
		timeoutMs: timeoutSeconds * 1_000,
		print: (text) => void process.stdout.write(text),
	});
	const seconds = ((performance.now() - start) / 1_000).toFixed(1);
	if (end.kind === "exit" && end.code === 0) {
		console.log(`The app came up and went down in ${seconds} s.`);
		const wrong = wrongWith(await runDemoBatch(executable, folder, (text) => void process.stdout.write(text)));
		if (wrong === null) console.log("Its service did the demo batch.");
		else fail(wrong);
	} else {
		const log = join(dataDir, "nightshift.log");
		if (existsSync(log)) console.error(`--- the service's log\n${readFileSync(log, "utf8")}---`);
		fail(`${inWords(end)} after ${seconds} s.`);
	}
	rmSync(folder, { recursive: true, force: true });
}

/** What is wrong with how the batch went; null when nothing is. */
function wrongWith(end: BatchEnd): string | null {
	switch (end.kind) {
		case "done":
			return null;
		case "absent":
			return `There is no command line at ${end.path}.`;
		case "failed":
			return `Its service did not do the batch. ${inWords(end.end)}.`;
		case "incomplete":
			return `Its service did only ${end.lines} lines of the batch.`;
		default:
			return end satisfies never;
	}
}

function inWords(end: AppEnd): string {
	switch (end.kind) {
		case "exit":
			return `The app ended with ${end.code}`;
		case "signal":
			return `The app was ended by ${end.signal}`;
		case "timeout":
			return "The app had not ended and was killed";
		case "not-started":
			return `The app did not start (${end.message})`;
		default:
			return end satisfies never;
	}
}

function fail(message: string): void {
	console.error(message);
	process.exitCode = 1;
}
