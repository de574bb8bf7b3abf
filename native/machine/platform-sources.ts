/** Which sources this platform has, the best first. */
import { type Clock, type Log, systemClock } from "../base/base.ts";
import { aboveFloor } from "./floor.ts";
import { createLinuxSources } from "./linux/linux.ts";
import { createMacosSources } from "./macos/macos.ts";
import { createNvmlSource } from "./nvml/nvml.ts";
import type { Source } from "./source.ts";
import { createWindowsSources } from "./windows/windows.ts";

/** What sources depend on. */
export interface PlatformSourcesDeps {
	readonly platform: NodeJS.Platform;
	/** Environment variables. */
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly log: Log;
	readonly clock?: Clock;
}

/** NVIDIA's library, then the platform's own sources, then what Node tells everywhere. */
export function platformSources(deps: PlatformSourcesDeps): readonly Source[] {
	return aboveFloor([createNvmlSource(), ...ownSources(deps)], { clock: systemClock, ...deps });
}

function ownSources({ platform, environment }: PlatformSourcesDeps): readonly Source[] {
	switch (platform) {
		case "linux":
			return createLinuxSources({ environment });
		case "win32":
			return createWindowsSources();
		case "darwin":
			return createMacosSources();
		default:
			return [];
	}
}
