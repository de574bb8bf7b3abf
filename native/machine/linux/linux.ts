/**
 * What Linux tells about this computer. Owns reading /proc, /sys, message buses and the X server, and keeping the computer awake; must
 * never start a program to look, and never need more rights than its user has.
 */
import { type Clock, systemClock } from "../../base/base.ts";
import type { Source } from "../source.ts";
import { createDrmSource } from "./amd.ts";
import { createBus } from "./bus.ts";
import { sessionBusAddress, systemBusAddress } from "./bus-address.ts";
import { createGameModeSource } from "./game-mode.ts";
import { createGnomeSessionSource } from "./gnome-session.ts";
import { createLogindSource } from "./logind.ts";
import { createMutterSource } from "./mutter.ts";
import { createPowerSupplySource } from "./power-supply.ts";
import { createProcSource } from "./proc.ts";
import { createProgramsSource } from "./programs.ts";
import { createScreenSaverSource } from "./screen-saver.ts";
import { createX11Source } from "./x11.ts";

export { createLinuxWakefulness } from "./wakefulness.ts";

/** Where to look. */
export interface LinuxSourcesDeps {
	readonly environment: NodeJS.ProcessEnv;
	/** The folder that `/proc` and `/sys` are in; by default the real one. */
	readonly root?: string;
	readonly clock?: Clock;
}

/**
 * All that may tell something, the best first. What fills the screen is told by the surest first (a game that says so, a window that
 * is a game, a program that keeps the screen awake), and logind last says that nothing does.
 */
export function createLinuxSources({
	environment,
	root = "/",
	clock = systemClock,
}: LinuxSourcesDeps): readonly Source[] {
	const userId = process.getuid?.() ?? 0;
	const session = createBus(sessionBusAddress(environment, userId), "session bus");
	const system = createBus(systemBusAddress(environment), "system bus");
	return [
		createProcSource(root),
		createProgramsSource(root, clock),
		createDrmSource(root, clock),
		createPowerSupplySource(root, clock),
		createGameModeSource(session, clock),
		createMutterSource(session, clock),
		createX11Source({ environment, root }),
		createScreenSaverSource(session, clock),
		createGnomeSessionSource(session, clock),
		createLogindSource({ bus: system, clock, userId }),
	];
}
