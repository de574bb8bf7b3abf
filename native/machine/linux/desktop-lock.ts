/** Asks the desktop not to suspend the computer. The wish lives as long as our connection to its bus does. */
import type { Bus, BusCall } from "./bus.ts";
import { OWN_INHIBITOR_NAME } from "./inhibitors.ts";

/** Why, as desktops show it to their user. */
export const WAKE_REASON = "Batch work is running";

/** A desktop's way of saying it. */
interface Way {
	readonly hold: BusCall;
	release(cookie: number): BusCall;
}

/** Bit of an inhibitor that keeps the session from suspending by itself. */
const SUSPEND = 4;

const GNOME = { to: "org.gnome.SessionManager", path: "/org/gnome/SessionManager" };
/** `org.freedesktop.PowerManagement.Inhibit` of KDE's PowerDevil and Xfce's power manager; the screen is another interface's. */
const OTHERS = { to: "org.freedesktop.PowerManagement", path: "/org/freedesktop/PowerManagement/Inhibit" };

const WAYS: readonly Way[] = [
	{
		hold: {
			...GNOME,
			method: `${GNOME.to}.Inhibit`,
			signature: "susu",
			body: [OWN_INHIBITOR_NAME, 0, WAKE_REASON, SUSPEND],
		},
		release: (cookie) => ({ ...GNOME, method: `${GNOME.to}.Uninhibit`, signature: "u", body: [cookie] }),
	},
	{
		hold: {
			...OTHERS,
			method: `${OTHERS.to}.Inhibit.Inhibit`,
			signature: "ss",
			body: [OWN_INHIBITOR_NAME, WAKE_REASON],
		},
		release: (cookie) => ({ ...OTHERS, method: `${OTHERS.to}.Inhibit.UnInhibit`, signature: "u", body: [cookie] }),
	},
];

/** The desktop's lock against sleep. */
export interface DesktopLock {
	/** Answers whether a desktop holds it. Asked again, it makes sure: a desktop may have been started anew. */
	hold(): Promise<boolean>;
	release(): Promise<void>;
}

/** Makes it. */
export function createDesktopLock(bus: Bus): DesktopLock {
	let held: { readonly way: Way; readonly cookie: number } | null = null;
	for (const { hold } of WAYS) {
		const about = { from: "org.freedesktop.DBus", signal: "org.freedesktop.DBus.NameOwnerChanged", about: hold.to };
		bus.listen(about, () => {
			// Another program has that name now, or there is another connection: neither knows of our wish.
			held = null;
		});
	}
	return {
		async hold() {
			if (held !== null) return true;
			for (const way of WAYS) {
				const answer = await bus.call(way.hold);
				const cookie = answer.ok ? answer.value[0] : null;
				if (typeof cookie !== "number") continue;
				held = { way, cookie };
				return true;
			}
			return false;
		},
		async release() {
			if (held === null) return;
			const { way, cookie } = held;
			held = null;
			// Whoever declines this does not know of our wish any more, which is what was asked for.
			await bus.call(way.release(cookie));
		},
	};
}
