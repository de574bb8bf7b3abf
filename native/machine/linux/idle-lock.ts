/** Has logind not take the computer for idle, by a child that holds the lock and ends when we do. */
import { type ChildProcess, spawn } from "node:child_process";
import { errorCode, type Log } from "../../base/base.ts";
import type { WakeAnswer } from "../machine.ts";
import { WAKE_REASON } from "./desktop-lock.ts";
import { OWN_INHIBITOR_NAME } from "./inhibitors.ts";

/** What it needs. */
export interface IdleLockDeps {
	readonly log: Log;
	readonly environment: NodeJS.ProcessEnv;
	/** Tests don't wait. */
	readonly restartAfterMs?: number;
}

/** Logind's lock against idleness. */
export interface IdleLock {
	hold(): Promise<WakeAnswer>;
	release(): Promise<void>;
}

/** A logind that was restarted is back by then; one that refuses is not asked all the time. */
const RESTART_AFTER_MS = 10_000;

/** A tool that says nothing by then waits for somebody to give it a password. */
const ANSWER_LIMIT_MS = 5_000;

/** It has nothing to do but to end. */
const END_LIMIT_MS = 2_000;

/** More than this of what a tool says is not told. */
const MOST_WORDS = 300;

/** The tool runs its command once it has the lock; `cat` then ends with our end of the pipe, however we end. */
const COMMAND = [
	"--what=idle",
	`--who=${OWN_INHIBITOR_NAME}`,
	`--why=${WAKE_REASON}`,
	"--mode=block",
	"sh",
	"-c",
	"echo held; exec cat",
];

/** Makes it. */
export function createIdleLock({ log, environment, restartAfterMs = RESTART_AFTER_MS }: IdleLockDeps): IdleLock {
	let child: ChildProcess | null = null;
	let restart: NodeJS.Timeout | null = null;
	let isWanted = false;

	function start(): Promise<WakeAnswer> {
		const { promise, resolve } = Promise.withResolvers<WakeAnswer>();
		const started = spawn("systemd-inhibit", COMMAND, { env: environment, stdio: ["pipe", "pipe", "pipe"] });
		child = started;
		let said = "";
		let isHeld = false;
		const limit = setTimeout(() => {
			resolve({ kind: "impossible", message: "systemd-inhibit does not answer" });
			started.kill("SIGKILL");
		}, ANSWER_LIMIT_MS);
		started.stdout.on("data", () => {
			isHeld = true;
			clearTimeout(limit);
			resolve({ kind: "done" });
		});
		started.stderr.on("data", (data: Buffer) => {
			said = `${said}${data.toString("utf8")}`.slice(0, MOST_WORDS);
		});
		// A pipe to a child that has just ended breaks; that it ended is told below.
		started.stdin.on("error", (error) => log.debug({ error: errorCode(error) }, "systemd-inhibit has ended already"));
		function end(reason: string): void {
			clearTimeout(limit);
			resolve({ kind: "impossible", message: reason });
			if (child !== started) return;
			child = null;
			if (isWanted && isHeld) startLater(reason);
		}
		started.on("error", (error) => end(wordsFor(error)));
		started.on("close", () => end(`systemd-inhibit: ${said.trim() || "it ended without a word"}`));
		return promise;
	}

	function startLater(reason: string): void {
		log.warn({ reason }, "the computer could fall asleep by itself: the lock against it was lost; it is taken again");
		restart = setTimeout(() => {
			restart = null;
			if (isWanted && child === null) start().then(tell, tell);
		}, restartAfterMs);
		restart.unref();
	}

	function tell(answer: unknown): void {
		log.info({ answer }, "asked again that the computer stays awake");
	}

	return {
		async hold() {
			isWanted = true;
			return child === null ? await start() : { kind: "done" };
		},
		async release() {
			isWanted = false;
			if (restart !== null) clearTimeout(restart);
			restart = null;
			const ended = child;
			child = null;
			if (ended === null) return;
			const gone = new Promise((resolve) => ended.once("close", resolve));
			ended.stdin?.end();
			const limit = setTimeout(() => ended.kill("SIGKILL"), END_LIMIT_MS);
			await gone;
			clearTimeout(limit);
		},
	};
}

function wordsFor(error: Error): string {
	if (errorCode(error) === "ENOENT")
		return "systemd-inhibit is not on this computer, and no desktop that could be asked";
	return `systemd-inhibit: ${error.message}`;
}
