/**
 * The screen saver service of KDE and others (org.freedesktop.ScreenSaver): idle time and whether the screen is locked. In no
 * specification; as KDE's kscreenlocker has it (`interface.cpp`): milliseconds, and an error on Wayland.
 */
import { type Clock, ok } from "../../base/base.ts";
import type { Source } from "../source.ts";
import type { Bus } from "./bus.ts";
import { createPeerSource } from "./peer-source.ts";

const SERVICE = "org.freedesktop.ScreenSaver";

/** Changes of the lock are signalled; this is for signals that got lost, and for what a desktop declined: it may be another now. */
const KNOWN_FOR_MS = 30_000;

/** Makes the source. */
export function createScreenSaverSource(bus: Bus, clock: Clock): Source {
	let onNews = (): void => {};
	let isActive = false;
	let tellsIdle = true;
	let askedAtMs = Number.NEGATIVE_INFINITY;
	const to = { to: SERVICE, path: "/org/freedesktop/ScreenSaver" };
	bus.listen({ from: SERVICE, signal: `${SERVICE}.ActiveChanged` }, () => {
		askedAtMs = Number.NEGATIVE_INFINITY;
		onNews();
	});

	async function askSeldom(): Promise<void> {
		if (clock.monotonicMs() - askedAtMs <= KNOWN_FOR_MS) return;
		askedAtMs = clock.monotonicMs();
		tellsIdle = true;
		const active = await bus.call({ ...to, method: `${SERVICE}.GetActive` });
		isActive = active.ok && active.value[0] === true;
	}

	/** Desktops have one, the other or none of the two: what they decline is simply not told. */
	async function askIdle(): Promise<unknown> {
		if (!tellsIdle) return null;
		const idle = await bus.call({ ...to, method: `${SERVICE}.GetSessionIdleTime` });
		tellsIdle = idle.ok;
		return idle.ok ? idle.value[0] : null;
	}

	const peer = createPeerSource({
		name: "ScreenSaver",
		tells: "idle time and locked screen on KDE",
		bus,
		clock,
		service: SERVICE,
		absent: "no screen saver service runs",
		async look() {
			await askSeldom();
			const idleMs = await askIdle();
			return ok({
				...(typeof idleMs === "number" ? { idleMs } : {}),
				// That it is not active is no proof: other lockers don't tell this service, but logind.
				...(isActive ? { isLocked: true } : {}),
			});
		},
	});
	return {
		...peer,
		watch(listener) {
			onNews = listener;
			peer.watch?.(listener);
		},
	};
}
