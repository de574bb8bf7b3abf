import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A file that must not pass: where it would lie, what it says, and what the tool answers. */
interface Breach {
	readonly what: string;
	readonly path: string;
	readonly code: string;
	readonly says: string;
}

const fencedByLint: readonly Breach[] = [
	breach(
		"a lower room importing a higher one",
		"native/ledger",
		'import "../api/api.ts";',
		"ledger is below these rooms",
	),
	breach("jobs importing the service", "native/jobs", 'import "../service.ts";', "jobs is below these rooms"),
	breach(
		"live requests importing conversations",
		"native/live",
		'import "../threads/threads.ts";',
		"live is below these rooms",
	),
	breach(
		"conversations importing reports",
		"native/threads",
		'import "../reports/reports.ts";',
		"threads is below these rooms",
	),
	breach("SQL outside the ledger", "native/jobs", 'import "better-sqlite3";', "Only native/ledger speaks SQL"),
	breach(
		"node-llama-cpp in the service",
		"native/api",
		'import "node-llama-cpp";',
		"Only native/engine/process may import",
	),
	breach(
		"node-llama-cpp on our side of the fork",
		"native/engine",
		'import "node-llama-cpp";',
		"Only native/engine/process",
	),
	breach("HTTP outside the api", "native/jobs", 'import "hono";', "Only native/api speaks HTTP"),
	breach(
		"the ledger inside the inference process",
		"native/engine/process",
		'import "../../ledger/ledger.ts";',
		"own words only",
	),
	breach(
		"process code loaded into the service",
		"native/jobs",
		'import "../engine/process/process.ts";',
		"other side of a fork",
	),
	breach(
		"the contract reaching into a room",
		"native/contract",
		'import "../ledger/records.ts";',
		"schemas and docs only",
	),
	breach("a clock in the core of the mesh", "native/mesh/core", "export const at = Date.now();", "noRestrictedGlobals"),
	breach(
		"chance in the core of the mesh",
		"native/mesh/core",
		"export const drawn = Math.random();",
		"noJsRestrictedProperties",
	),
	breach("Node in the core of the mesh", "native/mesh/core", 'import "node:os";', "imports nothing but itself"),
	breach(
		"the ledger in the core of the mesh",
		"native/mesh/core",
		'import "../../ledger/ledger.ts";',
		"imports nothing but itself",
	),
	breach("WebSocket outside the transport", "native/mesh/node", 'import "ws";', "Only native/mesh/transport"),
	breach("multicast outside its wrapper", "native/mesh/discovery", 'import "bonjour-service";', "its defects worked"),
	breach("SQL in the transport", "native/mesh/transport", 'import "better-sqlite3";', "Only native/ledger speaks SQL"),
	breach("Electron in the service", "native/scheduler", 'import "electron";', "runs without Electron"),
	breach(
		"the page reaching past the contract",
		"renderer/jobs",
		'import "../../native/ledger/ledger.ts";',
		"only through native/contract",
	),
	breach(
		"the shell reaching past the contract",
		"electron",
		'import "../native/ledger/ledger.ts";',
		"only through native/contract",
	),
	breach(
		"a forgotten await",
		"native/jobs",
		"async function later(): Promise<void> {}\nlater();\nexport {};",
		"noFloatingPromises",
	),
];

const fencedByTypes: readonly Breach[] = [
	breach(
		"the contract importing a room",
		"native/contract",
		'export type { BatchRecord } from "../ledger/records.ts";',
		"TS6307",
	),
	breach("Node in the contract", "native/contract", "export const id = process.pid;", "TS2591"),
	breach("the DOM in the service", "native/jobs", "export const page = document;", "TS2584"),
	breach("Electron in the service", "native/jobs", 'export { app } from "electron";', "TS2305"),
];

function breach(what: string, folder: string, code: string, says: string): Breach {
	const name = what.replaceAll(/\W+/g, "-");
	return { what, path: `${folder}/breach-${name}.ts`, code: `${code}\n`, says };
}

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
let copy: string;
let lintOutput: string;
let typeOutput: string;

beforeAll(async () => {
	copy = mkdtempSync(join(tmpdir(), "nightshift-fences-"));
	for (const part of ["native", "build", "tsconfig.json", "package.json", ".gitignore"]) {
		cpSync(join(repository, part), join(copy, part), { recursive: true });
	}
	symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
	for (const { path, code } of [...fencedByLint, ...fencedByTypes]) {
		mkdirSync(dirname(join(copy, path)), { recursive: true });
		writeFileSync(join(copy, path), code);
	}
	writeFileSync(join(copy, "native/jobs/cycle-a.ts"), 'import { b } from "./cycle-b.ts";\nexport const a = () => b;\n');
	writeFileSync(join(copy, "native/jobs/cycle-b.ts"), 'import { a } from "./cycle-a.ts";\nexport const b = () => a;\n');
	[lintOutput, typeOutput] = await Promise.all([
		output("biome", ["lint", "--config-path=build/lint.json", "--reporter=github", "--max-diagnostics=none", "."]),
		output("tsc", ["-b", "--force", "--pretty", "false"]),
	]);
}, 120_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** What a tool prints; it is expected to fail. */
function output(tool: string, parameters: readonly string[]): Promise<string> {
	return new Promise((resolve) => {
		execFile(
			join(repository, "node_modules", ".bin", tool),
			parameters,
			{ cwd: copy, maxBuffer: 64 << 20 },
			(_error, stdout, stderr) => resolve(stdout + stderr),
		);
	});
}

function linesAbout(text: string, path: string): string {
	return text
		.split("\n")
		.filter((line) => line.includes(path))
		.join("\n");
}

describe("lint refuses", () => {
	for (const { what, path, says } of fencedByLint) {
		test(what, () => expect(linesAbout(lintOutput, path)).toContain(says));
	}
	test("a cycle of imports", () => expect(linesAbout(lintOutput, "cycle-a.ts")).toContain("noImportCycles"));
});

describe("the compiler refuses", () => {
	for (const { what, path, says } of fencedByTypes) {
		test(what, () => expect(linesAbout(typeOutput, path)).toContain(says));
	}
});
