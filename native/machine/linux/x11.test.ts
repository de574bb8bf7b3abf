import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import x11, { type Client } from "x11";
import { err, ok } from "../../base/base.ts";
import { question } from "../stand-in-testing.ts";
import { plantTree, sightOf, type Tree } from "./testing.ts";
import { createX11Source } from "./x11.ts";
import { type FrontWindow, openScreen, type Screen } from "./x11-screen.ts";

let tree: Tree;
beforeEach(() => {
	tree = plantTree({
		"proc/7/exe": "-> /usr/bin/mpv",
		"proc/8/exe": "-> /home/a/.steam/steamapps/common/Portal 2/portal2_linux",
		"proc/8/environ": "SteamAppId=620\0",
		"proc/9/exe": "-> /opt/proton/bin/wine64-preloader",
		"proc/9/cmdline": "Z:\\games\\Witcher3.exe\0",
	});
});
afterEach(() => tree.remove());

/** A screen with a window in front. */
function screenWith(front: FrontWindow | null): Screen {
	return { idleMs: async () => 1_234, frontWindow: async () => front, isClosed: false, close() {} };
}

function source(front: FrontWindow | null, environment: NodeJS.ProcessEnv = { DISPLAY: ":0" }) {
	return createX11Source({ environment, root: tree.root, open: async () => ok(screenWith(front)) });
}

const plain: FrontWindow = { isFullScreen: false, isDesktop: false, pid: 7, className: "mpv" };

describe("what fills the screen", () => {
	test.each([
		["a film", { ...plain, isFullScreen: true }, { kind: "full-screen", name: "mpv" }],
		["a game of Steam's, in a window too", { ...plain, pid: 8 }, { kind: "game", name: "portal2_linux" }],
		["a Windows program", { ...plain, pid: 9, isFullScreen: true }, { kind: "game", name: "Witcher3" }],
		[
			"a game whose process can't be seen",
			{ ...plain, pid: null, className: "steam_app_570" },
			{
				kind: "game",
				name: "steam_app_570",
			},
		],
		["nothing, but a window", plain, undefined],
		["nothing, but a Windows program in a window", { ...plain, pid: 9 }, undefined],
		["nothing, but the desktop itself", { ...plain, isFullScreen: true, isDesktop: true }, undefined],
		["nothing at all", null, undefined],
	])("is %s", async (_what, front, seen) => {
		expect((await sightOf(source(front))).foreground).toEqual(seen);
	});
});

test("idle time is not believed on Wayland, where the X server sees a part of what is typed only", async () => {
	expect((await sightOf(source(null))).idleMs).toBe(1_234);
	expect((await sightOf(source(null, { DISPLAY: ":0", WAYLAND_DISPLAY: "wayland-0" }))).idleMs).toBeNull();
});

test("without a display there is no such source", async () => {
	const looked = await source(null, {}).look(question());
	expect(looked).toMatchObject({ ok: false, error: { kind: "absent" } });
});

test("a server that has gone is connected to again", async () => {
	let connections = 0;
	const failure = err({ kind: "failed", message: "gone" } as const);
	const looking = createX11Source({
		environment: { DISPLAY: ":0" },
		root: tree.root,
		open: async () => (++connections === 1 ? failure : ok(screenWith(null))),
	});
	expect(await looking.look(question())).toEqual(failure);
	expect((await sightOf(looking)).idleMs).toBe(1_234);
});

test("a display that names no X server, or one that is not there, is a value", async () => {
	expect(await openScreen("nonsense", () => {})).toMatchObject({ ok: false, error: { kind: "absent" } });
	expect(await openScreen("unix/:9876", () => {})).toMatchObject({ ok: false, error: { kind: "failed" } });
});

describe.skipIf(!existsSync("/usr/bin/Xvfb"))("a real X server", () => {
	let server: ChildProcess;
	let display: string;
	let client: Client;
	let root: number;

	beforeEach(async () => {
		server = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "640x480x24"], { stdio: ["ignore", "pipe", "ignore"] });
		const said: unknown[] = server.stdout === null ? [] : await once(server.stdout, "data");
		display = `:${String(said[0]).trim()}`;
		const connected = Promise.withResolvers<void>();
		client = x11.createClient({ display, shm: "off" }, (_error, opened) => {
			root = opened.screen[0]?.root ?? 0;
			client.atoms = { ...client.atoms };
			connected.resolve();
		});
		client.on("error", () => {});
		await connected.promise;
	});
	afterEach(endServer);

	async function endServer(): Promise<void> {
		if (server.exitCode !== null || server.signalCode !== null) return;
		const ended = once(server, "exit");
		server.kill("SIGKILL");
		await ended;
	}

	function atom(name: string): Promise<number> {
		return new Promise((resolve) => {
			client.InternAtom(false, name, (_error, id) => {
				resolve(id);
				return true;
			});
		});
	}

	async function set(window: number, property: string, type: string, values: readonly number[]): Promise<void> {
		const data = Buffer.alloc(4 * values.length);
		for (const [index, value] of values.entries()) data.writeUInt32LE(value, 4 * index);
		client.ChangeProperty(0, window, await atom(property), await atom(type), 32, data);
	}

	/** Plays a program and the window manager. */
	async function openWindow(): Promise<number> {
		const window = client.AllocID();
		client.CreateWindow(window, root, 0, 0, 640, 480);
		await set(window, "_NET_WM_STATE", "ATOM", [await atom("_NET_WM_STATE_FULLSCREEN")]);
		await set(window, "_NET_WM_PID", "CARDINAL", [process.pid]);
		client.ChangeProperty(0, window, await atom("WM_CLASS"), await atom("STRING"), 8, "film\0Film\0");
		await set(root, "_NET_ACTIVE_WINDOW", "WINDOW", [window]);
		return window;
	}

	test("tells idle time and the window in front, and that it changed", async () => {
		let changes = 0;
		const opened = await openScreen(display, () => changes++);
		if (!opened.ok) throw new Error(opened.error.message);
		const screen = opened.value;
		expect(await screen.idleMs()).toBeGreaterThanOrEqual(0);
		expect(await screen.frontWindow()).toBeNull();
		const window = await openWindow();
		await expect.poll(() => changes).toBe(1);
		const seen = { isFullScreen: true, isDesktop: false, pid: process.pid, className: "Film" };
		expect(await screen.frontWindow()).toEqual(seen);
		client.DestroyWindow(window);
		const gone = { isFullScreen: false, isDesktop: false, pid: null, className: null };
		await expect.poll(() => screen.frontWindow()).toEqual(gone);
		screen.close();
	});

	test("that goes away ends nobody", async () => {
		const looking = createX11Source({ environment: { DISPLAY: display }, root: "/" });
		await openWindow();
		const film = { foreground: { kind: "full-screen", name: "node" } };
		await expect.poll(() => sightOf(looking)).toMatchObject(film);
		await endServer();
		await expect.poll(() => looking.look(question())).toMatchObject({ ok: false, error: { kind: "failed" } });
		await looking.stop();
	});
});
