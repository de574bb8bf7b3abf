import { Variant } from "@jellybrick/dbus-next";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { question } from "../stand-in-testing.ts";
import { type Bus, createBus } from "./bus.ts";
import { createGameModeSource } from "./game-mode.ts";
import { createGnomeSessionSource } from "./gnome-session.ts";
import { createMutterSource } from "./mutter.ts";
import { createScreenSaverSource } from "./screen-saver.ts";
import { handClock, hasBusDaemon, type PrivateBus, type Reply, sightOf, startPrivateBus } from "./testing.ts";

const UNKNOWN = "org.freedesktop.DBus.Error.UnknownMethod";

let own: PrivateBus;
let bus: Bus;
const clock = handClock();
beforeEach(async () => {
	if (!hasBusDaemon) return;
	own = await startPrivateBus();
	bus = createBus(own.address, "session bus");
});
afterEach(async () => {
	if (!hasBusDaemon) return;
	await bus.stop();
	await own.stop();
});

describe.skipIf(!hasBusDaemon)("desktops", () => {
	test("GNOME tells idle time in milliseconds", async () => {
		await own.serve("org.gnome.Mutter.IdleMonitor", (path, method): Reply => {
			const isAsked = path === "/org/gnome/Mutter/IdleMonitor/Core" && method.endsWith(".GetIdletime");
			return isAsked ? ["t", 61_234n] : UNKNOWN;
		});
		expect(await sightOf(createMutterSource(bus, clock))).toEqual({ hasDesktop: true, idleMs: 61_234 });
	});

	test("KDE on X11 tells idle time, and on Wayland only that the screen is locked", async () => {
		let idle: Reply = ["u", 5_000];
		const active = { isOne: false };
		const service = await own.serve("org.freedesktop.ScreenSaver", (_path, method): Reply => {
			return method.endsWith(".GetSessionIdleTime") ? idle : ["b", active.isOne];
		});
		const source = createScreenSaverSource(bus, clock);
		expect(await sightOf(source)).toEqual({ idleMs: 5_000 });
		idle = "org.freedesktop.DBus.Error.NotSupported";
		active.isOne = true;
		service.send("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", "b", [true]);
		await expect.poll(() => sightOf(source)).toEqual({ isLocked: true });
	});

	test("a game that GameMode knows is told until it ends", async () => {
		let games = 1;
		const answer = (): Reply => ["v", new Variant("i", games)];
		const service = await own.serve("com.feralinteractive.GameMode", answer);
		const source = createGameModeSource(bus, clock);
		expect(await sightOf(source)).toEqual({ foreground: { kind: "game", name: null } });
		games = 0;
		service.send("/com/feralinteractive/GameMode", "com.feralinteractive.GameMode.GameUnregistered", "io", [
			7,
			"/game/7",
		]);
		await expect.poll(() => sightOf(source)).toEqual({});
	});

	test("GameMode that does not run yet is news when it starts", async () => {
		const source = createGameModeSource(bus, clock);
		let news = 0;
		source.watch?.(() => news++);
		expect(await source.look(question())).toMatchObject({ ok: false, error: { kind: "absent" } });
		await own.serve("com.feralinteractive.GameMode", (): Reply => ["v", new Variant("i", 1)]);
		await expect.poll(() => news).toBeGreaterThan(0);
		expect(await sightOf(source)).toMatchObject({ foreground: { kind: "game" } });
	});

	test("GNOME names who keeps the screen awake, and only that", async () => {
		const session = "org.gnome.SessionManager";
		const inhibitors = new Map([
			["/inhibitor/1", { flags: 4, name: "transmission" }],
			["/inhibitor/2", { flags: 12, name: "caffeine-gnome-extension" }],
			["/inhibitor/3", { flags: 8, name: "org.mozilla.firefox" }],
		]);
		const service = await own.serve(session, (path, method): Reply => {
			const found = inhibitors.get(path);
			switch (method) {
				case `${session}.IsInhibited`:
					return ["b", inhibitors.size > 1];
				case `${session}.GetInhibitors`:
					return ["ao", [...inhibitors.keys()]];
				case `${session}.Inhibitor.GetFlags`:
					return ["u", found?.flags];
				case `${session}.Inhibitor.GetAppId`:
					return ["s", found?.name];
				default:
					return UNKNOWN;
			}
		});
		const source = createGnomeSessionSource(bus, clock);
		let news = 0;
		source.watch?.(() => news++);
		expect(await sightOf(source)).toEqual({ foreground: { kind: "presentation", name: "firefox" } });
		inhibitors.delete("/inhibitor/3");
		expect(await sightOf(source)).toMatchObject({ foreground: { kind: "presentation" } });
		service.send("/org/gnome/SessionManager", `${session}.InhibitorRemoved`, "o", ["/inhibitor/3"]);
		await expect.poll(() => news).toBeGreaterThan(0);
		expect(await sightOf(source)).toEqual({});
	});

	test("that are not there are absent, one by one", async () => {
		const sources = [
			createMutterSource(bus, clock),
			createScreenSaverSource(bus, clock),
			createGnomeSessionSource(bus, clock),
		];
		for (const source of sources) {
			expect(await source.look(question())).toMatchObject({ ok: false, error: { kind: "absent" } });
		}
	});
});
