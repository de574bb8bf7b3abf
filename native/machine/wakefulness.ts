/** Keeping this computer awake and waking it, as its platform does it. */
import type { Log } from "../base/base.ts";
import { createLinuxWakefulness } from "./linux/wakefulness.ts";
import type { WakeAnswer, Wakefulness } from "./machine.ts";
import { createMacosWakefulness } from "./macos/wakefulness.ts";
import { createWindowsWakefulness } from "./windows/wakefulness.ts";

/**
 * Who keeps the computer awake: the service itself, or the shell, that is told at every change. A shell is a desktop program and does it
 * better: the system shows its name and icon, and lets go when it ends.
 */
export type KeptAwakeBy = "self" | ((isWanted: boolean) => void);

/** What it depends on. */
export interface WakefulnessDeps {
	readonly platform: NodeJS.Platform;
	readonly log: Log;
	readonly keptAwakeBy: KeptAwakeBy;
}

/** Makes what this platform has. */
export function createWakefulness({ platform, log, keptAwakeBy }: WakefulnessDeps): Wakefulness {
	const own = platformWakefulness(platform, log);
	return keptAwakeBy === "self" ? own : handOver(own, keptAwakeBy);
}

/** Waking by a timer stays here: no shell can do that. */
function handOver(own: Wakefulness, tell: (isWanted: boolean) => void): Wakefulness {
	let isHeld = false;

	async function keepAwake(isWanted: boolean): Promise<WakeAnswer> {
		if (isWanted !== isHeld) tell(isWanted);
		isHeld = isWanted;
		return { kind: "done" };
	}

	return {
		keepAwake,
		wakeAt: (atMs) => own.wakeAt(atMs),
		async stop() {
			await keepAwake(false);
			await own.stop();
		},
	};
}

function platformWakefulness(platform: NodeJS.Platform, log: Log): Wakefulness {
	switch (platform) {
		case "linux":
			return createLinuxWakefulness({ log });
		case "win32":
			return createWindowsWakefulness({ log });
		case "darwin":
			return createMacosWakefulness({ log });
		default:
			log.info({ platform }, "whether this computer sleeps is up to its system: it can't be kept awake from here");
			return noWakefulness(platform);
	}
}

/** Of platforms whose sleep we know nothing of. */
function noWakefulness(platform: NodeJS.Platform): Wakefulness {
	const answer: WakeAnswer = {
		kind: "impossible",
		message: `Nightshift can't keep a computer with ${platform} awake nor wake it; its own settings can.`,
	};
	return {
		keepAwake: async () => answer,
		wakeAt: async () => answer,
		async stop() {},
	};
}
