/**
 * Keeps a Linux computer from falling asleep by itself, and has it wake.
 *
 * What sleeps by itself is the desktop, and without one logind. So GNOME's session is asked not to suspend (its `SUSPEND` flag, not
 * `IDLE`: the screen may go dark and lock), KDE and Xfce likewise through org.freedesktop.PowerManagement, and where there is neither,
 * logind not to take the computer for idle. Never logind's `sleep`: that also stands against a user who presses suspend, and what a
 * lid does is nobody's to block.
 */
import type { Log } from "../../base/base.ts";
import type { WakeAnswer, Wakefulness } from "../machine.ts";
import { createBus } from "./bus.ts";
import { sessionBusAddress } from "./bus-address.ts";
import { createDesktopLock } from "./desktop-lock.ts";
import { createIdleLock } from "./idle-lock.ts";
import { cancelWake, planWake } from "./wake-timer.ts";

/** What it needs. */
export interface LinuxWakefulnessDeps {
	readonly log: Log;
	/** Tells where tools and the session bus are; by default this process's own. */
	readonly environment?: NodeJS.ProcessEnv;
}

/** Makes it. */
export function createLinuxWakefulness({ log, environment = process.env }: LinuxWakefulnessDeps): Wakefulness {
	const bus = createBus(sessionBusAddress(environment, process.getuid?.() ?? 0), "session bus");
	const desktop = createDesktopLock(bus);
	const idle = createIdleLock({ log, environment });
	let isWakePlanned = false;
	let last: Promise<unknown> = Promise.resolve();

	/** One wish after the other, so that the last one holds. */
	function inTurn(wish: () => Promise<WakeAnswer>): Promise<WakeAnswer> {
		const answer = last.then(wish);
		last = answer;
		return answer;
	}

	async function hold(): Promise<WakeAnswer> {
		if (!(await desktop.hold())) return await idle.hold();
		await idle.release();
		return { kind: "done" };
	}

	async function release(): Promise<WakeAnswer> {
		await Promise.all([desktop.release(), idle.release()]);
		return { kind: "done" };
	}

	async function planAt(atMs: number | null): Promise<WakeAnswer> {
		if (atMs === null && !isWakePlanned) return { kind: "done" };
		await cancelWake(environment);
		isWakePlanned = false;
		if (atMs === null) return { kind: "done" };
		const answer = await planWake(atMs, environment);
		isWakePlanned = answer.kind === "done";
		return answer;
	}

	return {
		keepAwake: (isWanted) => inTurn(isWanted ? hold : release),
		wakeAt: (atMs) => inTurn(() => planAt(atMs)),
		async stop() {
			await inTurn(release);
			await inTurn(() => planAt(null));
			await bus.stop();
		},
	};
}
