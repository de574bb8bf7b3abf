/** Has systemd wake the computer: a timer of the user's own, which is gone after it rang. */
import { execFile } from "node:child_process";
import { errorCode } from "../../base/base.ts";
import type { WakeAnswer } from "../machine.ts";

/** Name of the timer and of what it starts. */
const UNIT = "nightshift-wake";

/** What takes longer hangs. */
const TOOL_LIMIT_MS = 10_000;

/** Has the computer wake. Needs a user's systemd that may set alarms (systemd 254 and later give it the right). */
export async function planWake(atMs: number, environment: NodeJS.ProcessEnv): Promise<WakeAnswer> {
	// `2026-12-01 02:00:00 UTC`, as systemd.time(7) wants it.
	const at = `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
	const failure = await run("systemd-run", environment, [
		"--user",
		`--unit=${UNIT}`,
		"--description=Nightshift wakes the computer for batch work",
		`--on-calendar=${at}`,
		"--timer-property=WakeSystem=true",
		"--timer-property=AccuracySec=1s",
		"true",
	]);
	return failure === null ? { kind: "done" } : { kind: "impossible", message: failure };
}

/** Takes it back. That there is none, or that it can't be, is no trouble: who plans another hears of it. */
export async function cancelWake(environment: NodeJS.ProcessEnv): Promise<void> {
	await run("systemctl", environment, ["--user", "stop", `${UNIT}.timer`]);
}

/** Answers what went wrong, in the tool's words; null: nothing. */
function run(tool: string, environment: NodeJS.ProcessEnv, words: readonly string[]): Promise<string | null> {
	const { promise, resolve } = Promise.withResolvers<string | null>();
	const options = { env: environment, timeout: TOOL_LIMIT_MS, killSignal: "SIGKILL" } as const;
	execFile(tool, words, options, (error, _output, complaint) => {
		if (error === null) resolve(null);
		else if (errorCode(error) === "ENOENT") resolve(`${tool} is not on this computer`);
		else resolve(`${tool}: ${complaint.trim() || error.message}`);
	});
	return promise;
}
