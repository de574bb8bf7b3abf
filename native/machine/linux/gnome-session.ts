/** GNOME's session manager: which programs keep the screen awake (org.gnome.SessionManager, `org.gnome.SessionManager.xml`). */
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { Source, SourceFault } from "../source.ts";
import type { Bus } from "./bus.ts";
import { textsIn } from "./bus-value.ts";
import { isShowing } from "./inhibitors.ts";
import { createPeerSource } from "./peer-source.ts";

const SERVICE = "org.gnome.SessionManager";
const PATH = "/org/gnome/SessionManager";

/** Bit of an inhibitor that keeps the session from counting as idle. */
const IDLE = 8;

/** More programs than these do not show something at once. */
const MOST_INHIBITORS = 16;

/** Makes the source. */
export function createGnomeSessionSource(bus: Bus, clock: Clock): Source {
	return createPeerSource({
		name: "GNOME session",
		tells: "programs that keep the screen awake",
		bus,
		clock,
		service: SERVICE,
		absent: "GNOME does not run",
		signals: [`${SERVICE}.InhibitorAdded`, `${SERVICE}.InhibitorRemoved`],
		async look() {
			const blocker = await findBlocker(bus);
			if (!blocker.ok) return blocker;
			const name = blocker.value;
			return ok(name === null ? {} : { foreground: { kind: "presentation", name } });
		},
	});
}

/** Answers a name, or null: nobody shows anything. */
async function findBlocker(bus: Bus): Promise<Result<string | null, SourceFault>> {
	const to = { to: SERVICE, path: PATH };
	const isInhibited = await bus.call({ ...to, method: `${SERVICE}.IsInhibited`, signature: "u", body: [IDLE] });
	if (!isInhibited.ok) return err({ kind: "failed", message: isInhibited.error.message });
	if (isInhibited.value[0] !== true) return ok(null);
	const listed = await bus.call({ ...to, method: `${SERVICE}.GetInhibitors` });
	if (!listed.ok) return err({ kind: "failed", message: listed.error.message });
	const paths = textsIn(listed.value[0]).slice(0, MOST_INHIBITORS);
	const names = await Promise.all(paths.map((path) => showingName(bus, path)));
	return ok(names.find((name) => name !== null) ?? null);
}

/** Null: it does not keep the screen awake, does so for no show, or is gone. */
async function showingName(bus: Bus, path: string): Promise<string | null> {
	const to = { to: SERVICE, path };
	const [flags, program] = await Promise.all([
		bus.call({ ...to, method: `${SERVICE}.Inhibitor.GetFlags` }),
		bus.call({ ...to, method: `${SERVICE}.Inhibitor.GetAppId` }),
	]);
	if (!flags.ok || !program.ok) return null;
	const [bits, name] = [flags.value[0], program.value[0]];
	if (typeof bits !== "number" || (bits & IDLE) === 0 || typeof name !== "string") return null;
	return isShowing(name) ? readable(name) : null;
}

/** `org.mozilla.firefox.desktop` → `firefox`. */
function readable(id: string): string {
	return id.replace(/\.desktop$/, "").replace(/^[a-z]+(\.[\w-]+)*\.(?=[\w-]+$)/i, "");
}
