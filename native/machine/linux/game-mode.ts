/** Feral's GameMode, which games and their launchers tell when one runs (com.feralinteractive.GameMode, `data/dbus` of its source). */
import { type Clock, err, ok } from "../../base/base.ts";
import type { Source } from "../source.ts";
import type { Bus } from "./bus.ts";
import { createPeerSource } from "./peer-source.ts";

const SERVICE = "com.feralinteractive.GameMode";

/** Makes the source. */
export function createGameModeSource(bus: Bus, clock: Clock): Source {
	return createPeerSource({
		name: "GameMode",
		tells: "games that say they run",
		bus,
		clock,
		service: SERVICE,
		absent: "GameMode does not run",
		signals: [`${SERVICE}.GameRegistered`, `${SERVICE}.GameUnregistered`],
		async look() {
			const answer = await bus.call({
				to: SERVICE,
				path: "/com/feralinteractive/GameMode",
				method: "org.freedesktop.DBus.Properties.Get",
				signature: "ss",
				body: [SERVICE, "ClientCount"],
			});
			if (!answer.ok) return err({ kind: "failed", message: answer.error.message });
			const [games] = answer.value;
			// Whether something else fills the screen is for others to say.
			return ok(typeof games === "number" && games > 0 ? { foreground: { kind: "game", name: null } } : {});
		},
	});
}
