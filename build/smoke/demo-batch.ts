/** Has a packed app's service do a small real batch, as its command line: whether the packed llama.cpp loads under Electron's Node. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type AppEnd, runApp } from "./run-app.ts";

/** Lines of the batch: enough for several lanes, few enough for two slow cores. */
const LINES = 20;
/** Loading a model and twenty lines on a hosted machine that is busy with others. */
const TIMEOUT_MS = 180_000;

/** How it went. */
export type BatchEnd =
	| { readonly kind: "done"; readonly lines: number }
	/** The package has no command line where it should lie. */
	| { readonly kind: "absent"; readonly path: string }
	| { readonly kind: "failed"; readonly end: AppEnd }
	/** It ended well, but not every line has a result. */
	| { readonly kind: "incomplete"; readonly lines: number };

/** Where a packed program has its resources. */
export function packedResources(executable: string): string {
	const folder = dirname(executable);
	return existsSync(join(folder, "..", "Resources")) ? join(folder, "..", "Resources") : join(folder, "resources");
}

/** Runs the first lines of the bundled example with the bundled model, below `folder`. */
export async function runDemoBatch(
	executable: string,
	folder: string,
	print: (text: string) => void,
): Promise<BatchEnd> {
	const serviceDir = join(packedResources(executable), "app.asar.unpacked");
	const commandPath = join(serviceDir, "dist", "native", "cli", "main.js");
	if (!existsSync(commandPath)) return { kind: "absent", path: commandPath };
	const tickets = readFileSync(join(serviceDir, "assets", "examples", "tickets.jsonl"), "utf8").split("\n");
	const inputPath = join(folder, "tickets.jsonl");
	const outputPath = join(folder, "results.jsonl");
	writeFileSync(inputPath, `${tickets.slice(0, LINES).join("\n")}\n`);
	const end = await runApp({
		executable,
		args: [commandPath, "run", inputPath, "--output", outputPath],
		environment: { ...process.env, ELECTRON_RUN_AS_NODE: "1", NIGHTSHIFT_HOME: join(folder, "batch-data") },
		timeoutMs: TIMEOUT_MS,
		print,
	});
	if (end.kind !== "exit" || end.code !== 0) return { kind: "failed", end };
	const lines = existsSync(outputPath) ? readFileSync(outputPath, "utf8").split("\n").filter(Boolean).length : 0;
	return lines === LINES ? { kind: "done", lines } : { kind: "incomplete", lines };
}
