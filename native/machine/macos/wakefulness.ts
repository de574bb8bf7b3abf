/** Keeps a Mac awake. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Log } from "../../base/base.ts";
import type { WakeAnswer, Wakefulness } from "../machine.ts";

/** What it needs. */
export interface MacosWakefulnessDeps {
	readonly log: Log;
	/** macOS' tool; a stand-in in tests. */
	readonly caffeinatePath?: string;
}

const DONE: WakeAnswer = { kind: "done" };

/** Makes it. The tool ends by itself when this process does, however that ends, and macOS is free to sleep again. */
export function createMacosWakefulness({
	log,
	caffeinatePath = "/usr/bin/caffeinate",
}: MacosWakefulnessDeps): Wakefulness {
	let child: ChildProcess | null = null;
	/** Wishes one after the other: starting and ending take a moment. */
	let last: Promise<WakeAnswer> = Promise.resolve(DONE);

	async function start(): Promise<WakeAnswer> {
		if (child !== null) return DONE;
		// -i: no idle sleep, the screen may go dark; -w: until that process ends.
		const started = spawn(caffeinatePath, ["-i", "-w", String(process.pid)], { stdio: "ignore" });
		const problem = await new Promise<Error | null>((resolve) => {
			started.once("spawn", () => resolve(null));
			started.once("error", resolve);
		});
		if (problem !== null) {
			return { kind: "impossible", message: `${caffeinatePath} can't be started: ${problem.message}` };
		}
		child = started;
		// It must not keep the service from ending.
		started.unref();
		started.once("exit", (code, signal) => {
			if (child !== started) return;
			child = null;
			log.warn({ code, signal }, "caffeinate ended by itself; this Mac may sleep until the next wish");
		});
		return DONE;
	}

	async function end(): Promise<WakeAnswer> {
		const running = child;
		child = null;
		if (running !== null && running.exitCode === null && running.signalCode === null) {
			const gone = once(running, "exit");
			running.ref();
			running.kill("SIGKILL");
			await gone;
		}
		return DONE;
	}

	function keepAwake(isWanted: boolean): Promise<WakeAnswer> {
		last = last.then(isWanted ? start : end);
		return last;
	}

	return {
		keepAwake,
		async wakeAt(atMs) {
			if (atMs === null) return DONE;
			return {
				kind: "impossible",
				message:
					"macOS lets only root set a time to wake; `sudo pmset repeat wake MTWRFSU 22:00:00` does it for every day",
			};
		},
		stop: async () => void (await keepAwake(false)),
	};
}
