import { EventEmitter } from "node:events";
import { pathToFileURL } from "node:url";
import { describe, expect, it, test } from "vitest";
import { FakeEvent } from "../testing/fake-contents.ts";
import { createFakeLog } from "../testing/fake-log.ts";
import { FakeShell } from "../testing/fake-shell.ts";
import { createFakeDesk } from "../testing/fake-window.ts";
import type { GuardedApp } from "./ports.ts";
import { guardApp, pagePreferences } from "./security.ts";

const origin = "http://127.0.0.1:22007";
const downPage = "/app/down/down.html";
const downAddress = pathToFileURL(downPage).href;

class FakeGuardedApp extends EventEmitter implements GuardedApp {}

function setUp(serviceOrigin: string | null = origin) {
	const desk = createFakeDesk();
	const app = new FakeGuardedApp();
	const external = new FakeShell();
	const log = createFakeLog();
	const saved: string[] = [];
	desk.onContents((contents) => void app.emit("web-contents-created", new FakeEvent(), contents));
	guardApp(app, desk.session, {
		origin: () => serviceOrigin,
		downPage,
		external,
		log,
		downloads: { folder: () => "/home/me/results", savedAt: (path) => void saved.push(path), title: "Save" },
	});
	return { desk, app, external, warnings: log.lines, saved };
}

async function open(address = `${origin}/`, serviceOrigin: string | null = origin) {
	const all = setUp(serviceOrigin);
	const window = all.desk.createWindow({});
	await window.webContents.loadURL(address);
	return { ...all, window, contents: window.webContents };
}

describe("a page of ours", () => {
	it("stays with us: it goes to its own screens and nowhere else", async () => {
		const { contents } = await open();
		expect(contents.follow("#/jobs")).toBe(true);
		expect(contents.follow("/other")).toBe(true);
		for (const elsewhere of ["https://example.org/", "http://127.0.0.1:8080/", downAddress, "file:///etc/passwd"]) {
			expect(contents.follow(elsewhere)).toBe(false);
			expect(contents.redirect(elsewhere)).toBe(false);
		}
		expect(contents.getURL()).toContain(origin);
	});

	it("has no frames and no webviews", async () => {
		const { contents } = await open();
		expect(contents.followInFrame(`${origin}/`)).toBe(false);
		expect(contents.attachWebview()).toBe(false);
	});

	it("opens no windows; links to the web go to the user's browser", async () => {
		const { contents, external, desk } = await open();
		for (const address of ["https://example.org/a", "file:///etc/passwd", "ms-settings:", "javascript:alert(1)"]) {
			expect(contents.openWindow(address)).toBe(false);
		}
		expect(external.visited).toEqual(["https://example.org/a"]);
		expect(desk.windows).toHaveLength(1);
	});

	it("goes on where no browser is set up", async () => {
		const { contents, external, warnings } = await open();
		external.isBroken = true;
		contents.openWindow("https://example.org/");
		await expect.poll(() => warnings).toEqual([expect.stringContaining("no browser opened")]);
	});

	it("that is another's after a change of the service's port is kept where it is", async () => {
		const { contents } = await open("http://127.0.0.1:40123/", origin);
		expect(contents.follow("http://127.0.0.1:40123/next")).toBe(false);
	});

	it("goes nowhere while there is no service", async () => {
		const { contents } = await open(`${origin}/`, null);
		expect(contents.follow("/next")).toBe(false);
	});
});

describe("the page of a service that is down", () => {
	it("leads to itself only", async () => {
		const { contents } = await open(downAddress);
		expect(contents.follow("?do=logs")).toBe(true);
		expect(contents.follow("file:///etc/passwd")).toBe(false);
		expect(contents.follow("https://example.org/")).toBe(false);
	});
});

describe("permissions", () => {
	const others = [
		"clipboard-read",
		"media",
		"geolocation",
		"notifications",
		"local-network-access",
		"openExternal",
		"usb",
		"unknown",
	];

	it("a page of ours may copy, and nothing else", async () => {
		const { contents, desk } = await open();
		expect(desk.session.asks(contents, "clipboard-sanitized-write")).toBe(true);
		expect(desk.session.checks(contents, "clipboard-sanitized-write", `${origin}/`)).toBe(true);
		for (const permission of others) {
			expect(desk.session.asks(contents, permission)).toBe(false);
			expect(desk.session.checks(contents, permission, `${origin}/`)).toBe(false);
		}
		expect(desk.session.asksForDevice()).toBe(false);
	});

	it("others may nothing, nor may frames", async () => {
		const { contents, desk } = await open();
		const copy = "clipboard-sanitized-write";
		expect(desk.session.asks(contents, copy, "https://example.org/")).toBe(false);
		expect(desk.session.checks(contents, copy, "https://example.org/")).toBe(false);
		expect(desk.session.checks(null, copy, "")).toBe(false);
		expect(desk.session.asks(contents, copy, `${origin}/`, false)).toBe(false);
		expect(desk.session.checks(contents, copy, `${origin}/`, false)).toBe(false);
	});
});

describe("files a page saves", () => {
	it("are the service's or made by our page; the dialog begins where something was saved last", async () => {
		const { contents, desk, saved } = await open();
		const download = desk.session.saves(contents, `${origin}/v1/files/file_1/content`, "results.jsonl");
		expect(download?.dialog).toEqual({ title: "Save", defaultPath: "/home/me/results/results.jsonl" });
		download?.save();
		expect(saved).toEqual(["/home/me/results/results.jsonl"]);
		expect(desk.session.saves(contents, `blob:${origin}/1a2b`, "chat.md")).not.toBeNull();
	});

	it("stay in the folder, whatever their name says", async () => {
		const { contents, desk } = await open();
		const download = desk.session.saves(contents, `${origin}/v1/files/x/content`, "../../.bashrc");
		expect(download?.dialog?.defaultPath).toBe("/home/me/results/.bashrc");
	});

	it("that are not saved after all are not remembered", async () => {
		const { contents, desk, saved } = await open();
		desk.session.saves(contents, `${origin}/v1/files/x/content`, "a.jsonl")?.cancel();
		expect(saved).toEqual([]);
	});

	it.each(["https://example.org/a.exe", "blob:https://example.org/1a2b", "data:text/plain,a", "file:///etc/passwd"])(
		"are never %s",
		async (address) => {
			const { contents, desk } = await open();
			expect(desk.session.saves(contents, address, "a")).toBeNull();
		},
	);
});

describe("nobody in a window is asked", () => {
	it("to trust a certificate", () => {
		const { app } = setUp();
		const event = new FakeEvent();
		let isTrusted = true;
		app.emit("certificate-error", event, {}, "https://x", "ERR", {}, (trusted: boolean) => {
			isTrusted = trusted;
		});
		expect([event.defaultPrevented, isTrusted]).toEqual([true, false]);
	});

	it.each(["select-client-certificate", "login"])("for a certificate or a password (%s)", (name) => {
		const { app } = setUp();
		const event = new FakeEvent();
		app.emit(name, event);
		expect(event.defaultPrevented).toBe(true);
	});
});

test("what is written down of a refusal has no codes and no words of people in it", async () => {
	const { contents, warnings } = await open();
	contents.follow("https://example.org/a?secret#code=secret");
	contents.openWindow("data:text/html,secret");
	expect(warnings).toEqual([expect.stringContaining("https://example.org/a"), expect.stringContaining("data:")]);
	expect(warnings.join()).not.toContain("secret");
});

test("pages run in a sandbox; developer tools are for developers", () => {
	expect(pagePreferences("/app/preload.cjs", true)).toMatchObject({
		preload: "/app/preload.cjs",
		sandbox: true,
		contextIsolation: true,
		nodeIntegration: false,
		webSecurity: true,
		webviewTag: false,
		devTools: false,
	});
	expect(pagePreferences("/app/preload.cjs", false).devTools).toBe(true);
});
