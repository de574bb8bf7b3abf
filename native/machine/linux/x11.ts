/** The X server: idle time, and games or films that fill the screen. On Wayland only of programs that still speak X11, as most games. */
import { err, ok, type Result } from "../../base/base.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import { isSteamGame, isWindowsProgram, programName } from "./processes.ts";
import { type FrontWindow, openScreen, type Screen } from "./x11-screen.ts";

/** What the source needs. */
export interface X11Deps {
	readonly environment: NodeJS.ProcessEnv;
	/** The folder that `/proc` is in. */
	readonly root: string;
	/** Connects to a display; tests pass a stand-in. */
	readonly open?: typeof openScreen;
}

/** Windows of these classes are games whatever their process says: Proton's, and the console mode of Steam. */
const GAME_CLASSES = /^(steam_app_\d+|gamescope)$/;

/** Makes the source. */
export function createX11Source({ environment, root, open = openScreen }: X11Deps): Source {
	const isWayland = Boolean(environment.WAYLAND_DISPLAY) || environment.XDG_SESSION_TYPE === "wayland";
	let screen: Screen | null = null;
	let onNews = (): void => {};

	async function connect(): Promise<Result<Screen, SourceFault>> {
		if (screen?.isClosed === false) return ok(screen);
		const name = environment.DISPLAY ?? "";
		if (name === "") return err({ kind: "absent", message: "DISPLAY is not set: no X server" });
		const opened = await open(name, () => onNews());
		screen = opened.ok ? opened.value : null;
		return opened;
	}

	async function look(): Promise<Result<Sight, SourceFault>> {
		const connected = await connect();
		if (!connected.ok) return connected;
		const [idleMs, front] = await Promise.all([
			isWayland ? null : connected.value.idleMs(),
			connected.value.frontWindow(),
		]);
		if (connected.value.isClosed) return err({ kind: "failed", message: "the X server has gone" });
		const foreground = front === null ? null : foregroundOf(front, root);
		// That nothing fills the screen here is no proof: others look as well.
		// To logind a session that was started from a terminal is none with a screen.
		return ok({ hasDesktop: true, idleMs, ...(foreground === null ? {} : { foreground }) });
	}

	return {
		name: "X11",
		tells: "idle time, full screen and games",
		look,
		watch(listener) {
			onNews = listener;
		},
		stop() {
			if (screen?.isClosed === false) screen.close();
			screen = null;
			return Promise.resolve();
		},
	};
}

/** Null: an ordinary window. A game of Steam's is at work in a small window too; other Windows programs may be anything there. */
function foregroundOf(front: FrontWindow, root: string): NonNullable<Sight["foreground"]> | null {
	const { pid, className, isFullScreen, isDesktop } = front;
	if (isDesktop) return null;
	const isSteams = GAME_CLASSES.test(className ?? "") || (pid !== null && isSteamGame(root, pid));
	if (!isSteams && !isFullScreen) return null;
	const isOne = isSteams || (pid !== null && isWindowsProgram(root, pid));
	const name = (pid === null ? null : programName(root, pid)) ?? className;
	return { kind: isOne ? "game" : "full-screen", name };
}
