import { Variant } from "@jellybrick/dbus-next";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { question } from "../stand-in-testing.ts";
import { createBus } from "./bus.ts";
import { createLogindSource } from "./logind.ts";
import {
	handClock,
	hasBusDaemon,
	type PrivateBus,
	type Reply,
	type StandInService,
	sightOf,
	startPrivateBus,
} from "./testing.ts";

const LOGIND = "org.freedesktop.login1";
const USER = 1000;

let own: PrivateBus;
beforeEach(async () => {
	if (!hasBusDaemon) return;
	own = await startPrivateBus();
});
afterEach(async () => {
	if (!hasBusDaemon) return;
	await own.stop();
});

/** What stands in for logind knows. */
interface Login {
	sessions: readonly (readonly [id: string, userId: number, properties: Readonly<Record<string, Variant>>])[];
	inhibitors: readonly (readonly [what: string, who: string, why: string, mode: string, userId: number, pid: number])[];
}

function serveLogin(login: Login): Promise<StandInService> {
	return own.serve(LOGIND, (path, method): Reply => {
		switch (method) {
			case `${LOGIND}.Manager.ListSessions`:
				return ["a(susso)", login.sessions.map(([id, user]) => [id, user, "somebody", "seat0", `/session/${id}`])];
			case `${LOGIND}.Manager.ListInhibitors`:
				return ["a(ssssuu)", login.inhibitors];
			case "org.freedesktop.DBus.Properties.GetAll": {
				const found = login.sessions.find(([id]) => path === `/session/${id}`);
				return found === undefined ? "org.freedesktop.DBus.Error.UnknownObject" : ["a{sv}", found[2]];
			}
			default:
				return "org.freedesktop.DBus.Error.UnknownMethod";
		}
	});
}

function session(changes: Readonly<Record<string, Variant>> = {}): Readonly<Record<string, Variant>> {
	return {
		Type: new Variant("s", "wayland"),
		Class: new Variant("s", "user"),
		State: new Variant("s", "active"),
		Active: new Variant("b", true),
		IdleHint: new Variant("b", false),
		IdleSinceHintMonotonic: new Variant("t", 900_000_000n),
		LockedHint: new Variant("b", false),
		...changes,
	};
}

function source(clock = handClock()) {
	return createLogindSource({ bus: createBus(own.address, "system bus"), clock, userId: USER });
}

const NOTHING = { kind: "nothing", name: null };

describe.skipIf(!hasBusDaemon)("a graphical session", () => {
	test("in which somebody is active is not idle", async () => {
		await serveLogin({ sessions: [["2", USER, session()]], inhibitors: [] });
		const looked = await sightOf(source());
		expect(looked).toEqual({ hasDesktop: true, idleMs: 0, isLocked: false, foreground: NOTHING });
	});

	test("that is idle and locked says since when", async () => {
		const idle = session({ IdleHint: new Variant("b", true), LockedHint: new Variant("b", true) });
		await serveLogin({ sessions: [["2", USER, idle]], inhibitors: [] });
		expect(await sightOf(source(handClock(1_000_000)))).toMatchObject({ idleMs: 100_000, isLocked: true });
	});

	test("whose desktop never says when it is idle tells nothing about that", async () => {
		const mute = session({ IdleSinceHintMonotonic: new Variant("t", 0n) });
		await serveLogin({ sessions: [["2", USER, mute]], inhibitors: [] });
		expect(await sightOf(source())).toMatchObject({ hasDesktop: true, idleMs: null });
	});

	test("is none where it is another user's, a greeter's, a terminal's or about to end", async () => {
		const sessions: Login["sessions"] = [
			["1", 1001, session()],
			["2", USER, session({ Class: new Variant("s", "greeter") })],
			["3", USER, session({ Type: new Variant("s", "tty") })],
			["4", USER, session({ State: new Variant("s", "closing") })],
		];
		await serveLogin({ sessions, inhibitors: [] });
		expect(await sightOf(source())).toEqual({ hasDesktop: false });
	});

	test("that changes is news, and seen at the next look", async () => {
		const login: Login = { sessions: [["2", USER, session()]], inhibitors: [] };
		const service = await serveLogin(login);
		const looking = source();
		let news = 0;
		looking.watch?.(() => news++);
		expect(await sightOf(looking)).toMatchObject({ isLocked: false });
		login.sessions = [["2", USER, session({ LockedHint: new Variant("b", true) })]];
		const changes = { LockedHint: new Variant("b", true) };
		const signal = "org.freedesktop.DBus.Properties.PropertiesChanged";
		service.send("/session/2", signal, "sa{sv}as", [`${LOGIND}.Session`, changes, []]);
		await expect.poll(() => news).toBe(1);
		expect(await sightOf(looking)).toMatchObject({ isLocked: true });
		service.send("/org/freedesktop/login1", `${LOGIND}.Manager.PrepareForSleep`, "b", [true]);
		await expect.poll(() => news).toBe(2);
		await looking.stop();
	});
});

describe.skipIf(!hasBusDaemon)("a program that keeps the screen awake", () => {
	async function foregroundWith(inhibitor: Login["inhibitors"][number]) {
		await serveLogin({ sessions: [["2", USER, session()]], inhibitors: [inhibitor] });
		return (await sightOf(source(), { ownProcessIds: [77] })).foreground;
	}

	test("presents something", async () => {
		const film = ["sleep:idle", "VLC", "Playing some media.", "block", USER, 5] as const;
		expect(await foregroundWith(film)).toEqual({ kind: "presentation", name: "VLC" });
	});

	test.each([
		["it is Nightshift itself", ["idle", "Nightshift", "Batch work is running", "block", USER, 5]],
		["it is one of our own processes", ["idle", "x", "y", "block", USER, 77]],
		["it only delays", ["idle", "x", "y", "delay", USER, 5]],
		["it keeps the computer from sleeping, not the screen", ["sleep", "apt", "y", "block", USER, 5]],
		["it only wants the computer awake", ["idle", "Caffeine", "y", "block", USER, 5]],
		[
			"it is GNOME's word for programs that GNOME names itself",
			["idle", "anna", "user session inhibited", "block", USER, 5],
		],
	] as const)("presents nothing where %s", async (_reason, inhibitor) => {
		expect(await foregroundWith(inhibitor)).toEqual(NOTHING);
	});
});

test.skipIf(!hasBusDaemon)("a computer without a login manager has no such source", async () => {
	expect(await source().look(question())).toMatchObject({ ok: false, error: { kind: "absent" } });
});
