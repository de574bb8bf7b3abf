/** The same lines by one machine that is alone, in peace: what the answers of many machines in a storm are compared with. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readAnswers } from "./client.ts";
import type { SeenAnswer } from "./history.ts";
import type { TrialLines } from "./lines.ts";

const cliPath = fileURLToPath(new URL("../../native/cli/main.ts", import.meta.url));

/** 2,000 lines take half a minute on a core that is free. */
const LIMIT_MS = 15 * 60_000;

/** Runs lines in a folder of their own; the engine is as that of every machine of a trial. */
export async function runAlone(lines: TrialLines, folder: string): Promise<SeenAnswer[]> {
	const [input, output] = [join(folder, "alone.jsonl"), join(folder, "alone-results.jsonl")];
	writeFileSync(input, lines.text);
	const globals = ["--data-dir", join(folder, "alone"), "--no-gpu"];
	const command = ["run", input, "-o", output, "--threads", "1", "--lanes", "4"];
	await promisify(execFile)(process.execPath, [cliPath, ...globals, ...command], { timeout: LIMIT_MS, cwd: folder });
	return readAnswers(readFileSync(output, "utf8"));
}
