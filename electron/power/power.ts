/**
 * What the system says of power, lock and sleep: tells the service who sits here, keeps the computer awake for it, and tells the
 * shell of the system's end. Must never decide whether work may run; the service does.
 */
import type { ShellLog } from "../log.ts";
import type { ServiceLink } from "../service/link.ts";
import { type Desktop, trustIn } from "./idle-trust.ts";
import { type PowerSaveBlockerPort, startKeepAwake } from "./keep-awake.ts";
import { newsEvents, type PowerMonitorPort } from "./ports.ts";
import { startPresence } from "./presence.ts";

/** What it is made from. */
export interface PowerDeps extends Desktop {
	readonly monitor: PowerMonitorPort;
	readonly blocker: PowerSaveBlockerPort;
	readonly link: Pick<ServiceLink, "state" | "watch" | "call" | "onKeepAwake">;
	/** The system goes down or the user logs out, and waits a few seconds for us: stop the service, then quit. */
	readonly onSystemEnd: () => void;
	readonly log: ShellLog;
}

/** Power, as the rest of the shell sees it. */
export interface Power {
	/** Ends the reports, and lets the computer sleep. */
	stop(): void;
}

/** Begins to listen; once the app is ready, for Electron's power monitor can't be used before. */
export function createPower({ monitor, blocker, link, onSystemEnd, log, ...desktop }: PowerDeps): Power {
	const presence = startPresence({ monitor, link, trust: trustIn(desktop), log });
	const letSleep = startKeepAwake({ link, blocker });
	let isStopped = false;

	for (const event of newsEvents) {
		monitor.on(event, () => {
			if (!isStopped) presence.report();
		});
	}
	monitor.on("lock-screen", () => {
		if (!isStopped) presence.hearLock(true);
	});
	monitor.on("unlock-screen", () => {
		if (!isStopped) presence.hearLock(false);
	});
	// Linux and macOS; Windows tells a window by `session-end`.
	monitor.on("shutdown", (event) => {
		event?.preventDefault();
		onSystemEnd();
	});
	return {
		stop() {
			isStopped = true;
			presence.stop();
			letSleep();
		},
	};
}
