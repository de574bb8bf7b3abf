/** A session of logind. Pure. */
import { isRecord } from "./bus-value.ts";

/** A graphical session. */
export interface LoginSession {
	/** The one on the screen now. */
	readonly isActive: boolean;
	readonly isIdle: boolean;
	/** When the idle hint last changed, microseconds of the monotonic clock; 0: never. */
	readonly sinceUs: number;
	readonly isLocked: boolean;
}

/** Reads the properties of org.freedesktop.login1.Session; null: nobody sits before it, or it is about to end. */
export function readSession(properties: unknown): LoginSession | null {
	if (!isRecord(properties)) return null;
	const { Type: type, Class: kind, State: state, IdleSinceHintMonotonic: since } = properties;
	const isGraphical = type === "x11" || type === "wayland" || type === "mir";
	// Greeters and lock screens are of other classes; `user-early` is root's.
	if (!isGraphical || kind !== "user" || state === "closing") return null;
	return {
		isActive: properties.Active === true,
		isIdle: properties.IdleHint === true,
		sinceUs: typeof since === "number" ? since : 0,
		isLocked: properties.LockedHint === true,
	};
}

/** The session somebody would sit before: the one on the screen, else the first. */
export function chooseSession(sessions: readonly LoginSession[]): LoginSession | null {
	return sessions.find(({ isActive }) => isActive) ?? sessions[0] ?? null;
}
