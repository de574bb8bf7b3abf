/**
 * What of Chromium's words about user and power may be believed on a system. Pure. What it does not know for certain it must not say:
 * the service looks for itself then, and takes a user of whom nothing is known for present.
 */
import type { Platform } from "../base/base.ts";

/** What the shell may report. */
export interface Trust {
	readonly idle: boolean;
	readonly lock: boolean;
	readonly supply: boolean;
	readonly heat: boolean;
}

/** The system, and the variables of the session. */
export interface Desktop {
	readonly platform: Platform;
	readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Windows and macOS know all but heat, which only macOS tells. On Linux Chromium counts idle time itself only under X11; under Wayland
 * it asks screen savers over D-Bus that are often not there and then says 0 or a number that stands still (teams-for-linux#1827,
 * electron#27912), and as an X client under Wayland it sees only the input of other X clients. Lock and battery it knows there by
 * guessing; the service asks logind, the desktop and the kernel itself.
 */
export function trustIn({ platform, environment }: Desktop): Trust {
	switch (platform) {
		case "darwin":
			return { idle: true, lock: true, supply: true, heat: true };
		case "win32":
			return { idle: true, lock: true, supply: true, heat: false };
		case "linux":
			return { idle: isX11(environment), lock: false, supply: false, heat: false };
		default:
			return platform satisfies never;
	}
}

/** A session that says it is X11 and where no Wayland compositor could be meant. */
function isX11(environment: Desktop["environment"]): boolean {
	return environment.XDG_SESSION_TYPE === "x11" && !environment.WAYLAND_DISPLAY;
}
