/** GNOME's window manager: how long nobody has touched anything, on Wayland too (org.gnome.Mutter.IdleMonitor). */
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import type { Bus } from "./bus.ts";
import { createPeerSource } from "./peer-source.ts";

/** Makes the source. */
export function createMutterSource(bus: Bus, clock: Clock): Source {
	return createPeerSource({
		name: "Mutter",
		tells: "idle time on GNOME",
		bus,
		clock,
		service: "org.gnome.Mutter.IdleMonitor",
		absent: "GNOME Shell does not run",
		look,
	});
}

async function look(bus: Bus): Promise<Result<Sight, SourceFault>> {
	const service = "org.gnome.Mutter.IdleMonitor";
	const answer = await bus.call({
		to: service,
		path: "/org/gnome/Mutter/IdleMonitor/Core",
		method: `${service}.GetIdletime`,
	});
	if (!answer.ok) return err({ kind: "failed", message: answer.error.message });
	// Milliseconds.
	const [idleMs] = answer.value;
	return ok(typeof idleMs === "number" ? { hasDesktop: true, idleMs } : {});
}
