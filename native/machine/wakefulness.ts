/** Keeping this computer awake and waking it, as its platform does it. */
import type { Log } from "../base/base.ts";
import { createLinuxWakefulness } from "./linux/wakefulness.ts";
import type { WakeAnswer, Wakefulness } from "./machine.ts";
import { createMacosWakefulness } from "./macos/wakefulness.ts";
import { createWindowsWakefulness } from "./windows/wakefulness.ts";

/** What it depends on. */
export interface WakefulnessDeps {
	readonly platform: NodeJS.Platform;
	readonly log: Log;
}

/** Makes what this platform has. */
export function createWakefulness({ platform, log }: WakefulnessDeps): Wakefulness {
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
