/**
 * How the program ends: asks where work would stop, stops the service and everything it started, and only then lets Electron go. Owns
 * the order of the end. Must never hold up the end of the system itself for longer than it waits, nor ask then.
 */
import type { App, MessageBoxOptions, MessageBoxReturnValue } from "electron";
import { endsWithin, type Preventable } from "../base/base.ts";
import type { ShellLog } from "../log.ts";
import type { Memory } from "../memory/memory.ts";
import type { ServiceLink } from "../service/link.ts";
import { workOf } from "../state/work.ts";
import { quitWords } from "../words/quit.ts";

/** What it needs of Electron's app. */
export interface QuitAppPort extends Pick<App, "quit"> {
	on(event: "before-quit", listener: (event: Preventable) => void): unknown;
}

/** What it needs of Electron's dialog. */
export interface MessageBoxPort {
	showMessageBox(options: MessageBoxOptions): Promise<MessageBoxReturnValue>;
}

/** What it is made from. */
export interface QuitDeps {
	readonly app: QuitAppPort;
	readonly dialog: MessageBoxPort;
	readonly link: Pick<ServiceLink, "state">;
	readonly memory: Pick<Memory, "current" | "remember" | "settle">;
	/** Resolves when the service and all it started have ended. Never rejects. */
	readonly stopService: () => Promise<void>;
	/** Closes the windows; the tray stays. */
	readonly toBackground: () => void;
	readonly log: ShellLog;
}

/** The end of the program, as the rest of the shell sees it. */
export interface Quit {
	/** The user wants to quit; asks where work would stop. The same as `app.quit()`. */
	request(): void;
	/** The system goes down or the session ends: stops everything within a few seconds and quits, unasked. Also for SIGTERM and SIGINT. */
	systemEnd(): void;
	/** Windows ends the session now and waits for nothing: begins to stop, for what it is worth. For a window's `session-end`. */
	sessionEnd(): void;
	/** Stops everything so that files can be replaced; from then on quitting passes at once. */
	makeWay(): Promise<void>;
	/** Nothing came of what way was made for: the program stays. Somebody has to start the service again. */
	stay(): void;
}

/** A service that publishes a large result or waits for a slow disk is still let end in order; then it is killed with us. */
const STOP_LIMIT_MS = 20_000;
/** logind waits five seconds for everybody by default (`InhibitDelayMaxSec`), macOS somewhat longer. */
const SYSTEM_LIMIT_MS = 4_000;

type Phase =
	| "staying"
	| "asking"
	| "leaving"
	/** Everything of ours has ended; Electron may go. */
	| "ready";

/** Begins to watch over the end. */
export function createQuit(deps: QuitDeps): Quit {
	const { app, link, memory, log } = deps;
	let phase: Phase = "staying";
	let stopping: Promise<void> | null = null;

	/** Everything of ours ends, within a limit. A later, shorter limit holds too. */
	async function stopAll(limitMs: number): Promise<void> {
		phase = "leaving";
		stopping ??= Promise.all([deps.stopService(), memory.settle()]).then(() => undefined);
		if (!(await endsWithin(stopping, limitMs))) {
			log.warn({ limitMs }, "the service has not ended in time and is not waited for any longer");
		}
		phase = "ready";
	}

	async function leave(limitMs: number): Promise<void> {
		await stopAll(limitMs);
		app.quit();
	}

	async function ask(): Promise<void> {
		phase = "asking";
		const answer = await askUser(deps);
		// The system may have decided meanwhile.
		if (phase !== "asking") return;
		if (answer.isQuit) {
			if (answer.isForGood) memory.remember({ quitWhileWorking: "quit" });
			return leave(STOP_LIMIT_MS);
		}
		phase = "staying";
		deps.toBackground();
	}

	app.on("before-quit", (event) => {
		if (phase === "ready") return;
		event.preventDefault();
		if (phase !== "staying") return;
		const mayAsk = memory.current.quitWhileWorking === "ask" && workOf(link.state, Date.now()).pending.length > 0;
		void (mayAsk ? ask() : leave(STOP_LIMIT_MS));
	});
	return {
		request: () => app.quit(),
		systemEnd() {
			if (phase !== "ready") void leave(SYSTEM_LIMIT_MS);
		},
		sessionEnd() {
			if (phase !== "ready") void stopAll(SYSTEM_LIMIT_MS);
		},
		makeWay: () => stopAll(STOP_LIMIT_MS),
		stay() {
			phase = "staying";
			stopping = null;
		},
	};
}

/** What the user says to quitting while there is work. */
async function askUser({ dialog, link }: Pick<QuitDeps, "dialog" | "link">): Promise<{
	readonly isQuit: boolean;
	readonly isForGood: boolean;
}> {
	const { isBusy, pending } = workOf(link.state, Date.now());
	const { response, checkboxChecked } = await dialog.showMessageBox({
		type: "question",
		title: quitWords.title,
		...(isBusy ? quitWords.running : quitWords.waiting(pending.length)),
		buttons: [quitWords.quit, quitWords.keepWorking],
		defaultId: 1,
		cancelId: 1,
		checkboxLabel: quitWords.dontAsk,
		checkboxChecked: false,
		noLink: true,
	});
	return { isQuit: response === 0, isForGood: checkboxChecked };
}
