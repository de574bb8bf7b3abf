/** Tells the service what the shell sees of its user, and how the computer is powered. */
import { z } from "zod";
import type { PresenceReport } from "../../native/contract/contract.ts";
import type { ShellLog } from "../log.ts";
import type { ServiceLink } from "../service/link.ts";
import type { Trust } from "./idle-trust.ts";
import type { PowerMonitorPort } from "./ports.ts";

/** There is no event for idle time. A report counts for half a minute at the service, so this may fail a few times. */
const POLL_MS = 5_000;
/** What the system just said of its lock counts before what it answers when asked: it says so as it begins to lock. */
const LOCK_NEWS_MS = 2_000;
/** Any threshold will do: only the lock is read from the state, the idle time is asked for itself. */
const IDLE_THRESHOLD_SECONDS = 60;

/** What the reports are made from. */
export interface PresenceDeps {
	readonly monitor: PowerMonitorPort;
	readonly link: Pick<ServiceLink, "state" | "watch" | "call">;
	readonly trust: Trust;
	readonly log: ShellLog;
}

/** Reports how it is. */
export interface PresenceReporter {
	/** At once, or as soon as the report on its way has been answered. */
	report(): void;
	/** The system has just said whether the screen is locked. */
	hearLock(isLocked: boolean): void;
	stop(): void;
}

/** Begins to report; nothing is sent while the service is not up. */
export function startPresence({ monitor, link, trust, log }: PresenceDeps): PresenceReporter {
	let lockNews: { readonly isLocked: boolean; readonly atMs: number } | null = null;
	let isUnderWay = false;
	let isWantedAgain = false;
	let hasFailed = false;
	let polling: ReturnType<typeof setInterval> | null = null;

	function isLocked(): boolean | null {
		if (!trust.lock) return null;
		if (lockNews !== null && Date.now() - lockNews.atMs < LOCK_NEWS_MS) return lockNews.isLocked;
		const state = monitor.getSystemIdleState(IDLE_THRESHOLD_SECONDS);
		return state === "unknown" ? null : state === "locked";
	}

	function look(): PresenceReport {
		const heat = trust.heat ? monitor.getCurrentThermalState() : "unknown";
		return {
			idleSeconds: trust.idle ? Math.max(0, monitor.getSystemIdleTime()) : null,
			isLocked: isLocked(),
			supply: trust.supply ? (monitor.isOnBatteryPower() ? "battery" : "mains") : null,
			heat: heat === "unknown" ? null : heat,
		};
	}

	async function send(): Promise<void> {
		isUnderWay = true;
		do {
			isWantedAgain = false;
			const answer = await link.call({ method: "PUT", path: "/api/presence", body: look(), answers: z.unknown() });
			// Once is enough: a service that refuses one refuses all. One that is down is told of elsewhere.
			if (!answer.ok && answer.error.kind !== "down" && !hasFailed) {
				hasFailed = true;
				log.warn({ message: answer.error.message }, "the service does not take what the shell sees of its user");
			}
		} while (isWantedAgain && link.state.service.kind === "up");
		isUnderWay = false;
	}

	function report(): void {
		if (link.state.service.kind !== "up") return;
		if (isUnderWay) isWantedAgain = true;
		else void send();
	}

	function follow(): void {
		const isUp = link.state.service.kind === "up";
		if (isUp === (polling !== null)) return;
		if (polling !== null) clearInterval(polling);
		polling = isUp ? setInterval(report, POLL_MS) : null;
		report();
	}

	const stopWatching = link.watch(follow);
	follow();
	return {
		report,
		hearLock(isLocked) {
			lockNews = { isLocked, atMs: Date.now() };
			report();
		},
		stop() {
			stopWatching();
			if (polling !== null) clearInterval(polling);
			polling = null;
			isWantedAgain = false;
		},
	};
}
