import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { up } from "../testing/sample-state.ts";
import type { PageView } from "./page-address.ts";
import { HANG_PATIENCE_MS, MOST_CRASHES } from "./page-health.ts";
import {
	createPageHost,
	DOWN_PAUSE_MS,
	LOAD_PAUSE_MS,
	MOST_LOADS,
	RESTART_PATIENCE_MS,
	START_PATIENCE_MS,
} from "./page-host.ts";
import { downPage, serviceUrl, setDesk, wordsOf } from "./testing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** All that is on its way has come. */
const settle = () => vi.advanceTimersByTimeAsync(1);
/** The page, at whatever screen and however often it was loaded. */
const pageAddress = new RegExp(`^${serviceUrl}/`);
const restarting = { service: { kind: "restarting", attempt: 1, delayMs: 500 } } as const;

function open(
	view: PageView = "window",
	change: Parameters<ReturnType<typeof setDesk>["service"]["become"]>[0] = { service: up },
) {
	const all = setDesk();
	all.service.become(change);
	const window = all.desk.createWindow({ show: false });
	const host = createPageHost(window, view, all.page);
	return { ...all, window, host, contents: window.webContents };
}

describe("a window shows the page", () => {
	it("signed in by a code that works once, which is gone from the address", async () => {
		const { window, desk, codes } = open();
		await settle();
		expect(window.address).toBe(`${serviceUrl}/`);
		expect(desk.session.signedIn.has(serviceUrl)).toBe(true);
		expect(codes).toHaveLength(1);
	});

	it("and says to it that it is the popover", async () => {
		const { window } = open("popover");
		await settle();
		expect(window.address).toBe(`${serviceUrl}/?popover`);
	});

	it("without another code when windows are signed in already", async () => {
		const { desk, page, codes } = open();
		await settle();
		const second = desk.createWindow({});
		createPageHost(second, "window", page).goTo("#/settings");
		await settle();
		expect(second.address).toBe(`${serviceUrl}/#/settings`);
		expect(codes).toHaveLength(1);
	});

	it("with another code when the session is over", async () => {
		const { desk, page, codes } = open();
		await settle();
		desk.session.signedIn.clear();
		createPageHost(desk.createWindow({}), "window", page);
		await settle();
		expect(codes).toHaveLength(2);
		expect(desk.session.signedIn.has(serviceUrl)).toBe(true);
	});

	it("at the screen that was asked for before it was there", async () => {
		const { window, host, contents } = open();
		host.goTo("#/jobs/batch_1");
		await settle();
		expect(window.address).toBe(`${serviceUrl}/#/jobs/batch_1`);
		expect(contents.documents).toBe(1);
	});

	it("goes to another screen without loading anew, and not to the one it is at", async () => {
		const { window, host, contents } = open();
		await settle();
		host.goTo("#/jobs/batch_1");
		host.goTo("#/jobs/batch_1");
		await settle();
		expect(window.address).toBe(`${serviceUrl}/#/jobs/batch_1`);
		expect(contents.documents).toBe(1);
	});

	it("is not let to another server by whoever gives out addresses", async () => {
		const { desk, page, service } = open();
		const window = desk.createWindow({});
		createPageHost(window, "window", {
			...page,
			service,
			pageAddress: async () => ({ ok: true, value: "http://elsewhere/" }),
		});
		await vi.advanceTimersByTimeAsync(MOST_LOADS * LOAD_PAUSE_MS);
		expect(window.address).toContain(downPage);
	});
});

it("a code is read even where the page it leads to is still there, for a place in it would be gone to instead", async () => {
	const { desk, window, contents, service, host } = open();
	host.goTo("#/models");
	await settle();
	desk.session.signedIn.clear();
	// The local page is asked for, but the service is back before that has come.
	service.become({ service: { kind: "stopped" } });
	service.become({ service: up });
	await settle();
	await settle();
	expect(window.address).toBe(`${serviceUrl}/?again#/models`);
	expect(desk.session.signedIn.has(serviceUrl)).toBe(true);
	expect(contents.documents).toBe(2);
});

describe("while the service is away", () => {
	it("a window that opens while it starts waits for it, and says so when that takes long", async () => {
		const { window, service } = open("window", { service: { kind: "starting" } });
		await vi.advanceTimersByTimeAsync(START_PATIENCE_MS - 1);
		expect(window.address).toBe("");
		await settle();
		await settle();
		expect(wordsOf(window.address)).toMatchObject({ title: "Nightshift is starting" });
		service.become({ service: up });
		await settle();
		expect(window.address).toBe(`${serviceUrl}/`);
	});

	it("a page that is there outlives a restart: somebody may be writing in it", async () => {
		const { window, contents, service, host } = open();
		host.goTo("#/chat/thread_1");
		await settle();
		for (const attempt of [1, 2, 3]) {
			service.become({ service: { kind: "restarting", attempt, delayMs: 500 } });
			await vi.advanceTimersByTimeAsync(RESTART_PATIENCE_MS / 4);
		}
		service.become({ service: up });
		await vi.advanceTimersByTimeAsync(RESTART_PATIENCE_MS);
		expect(contents.documents).toBe(1);
		expect(window.address).toBe(`${serviceUrl}/#/chat/thread_1`);
	});

	it("a page gives way when that takes too long, and comes back at the same screen", async () => {
		const { window, service, host } = open();
		host.goTo("#/jobs/batch_1");
		await settle();
		service.become(restarting);
		await vi.advanceTimersByTimeAsync(RESTART_PATIENCE_MS);
		await settle();
		expect(wordsOf(window.address)).toMatchObject({ title: "Nightshift is being restarted", detail: "Attempt 1" });
		service.become({ service: { kind: "restarting", attempt: 2, delayMs: 500 } });
		await settle();
		expect(wordsOf(window.address)).toMatchObject({ detail: "Attempt 2" });
		service.become({ service: up });
		await settle();
		expect(window.address).toBe(`${serviceUrl}/#/jobs/batch_1`);
	});

	it("a service that was given up is said at once, with its reason; trying again is the shell's affair", async () => {
		const { window, contents, service, downActions } = open();
		await settle();
		service.become({ service: { kind: "given-up", message: "The data folder is in use by another Nightshift." } });
		await settle();
		expect(wordsOf(window.address)).toEqual({
			title: "Nightshift can't start",
			text: "Nothing that was finished is lost. Batches wait until it runs again.",
			detail: "The data folder is in use by another Nightshift.",
			"try-again": "Try again",
			logs: "Open logs folder",
		});
		expect(contents.follow("?do=try-again")).toBe(false);
		expect(contents.follow("?do=logs")).toBe(false);
		expect(contents.follow("?do=anything-else")).toBe(false);
		expect(downActions).toEqual(["try-again", "logs"]);
	});

	it("a service that comes back at another port is gone to", async () => {
		const { window, service } = open();
		await settle();
		service.become({ service: { kind: "up", url: "http://127.0.0.1:40123", version: "1.0.0" } });
		await settle();
		expect(window.address).toBe("http://127.0.0.1:40123/");
	});

	it("news of batches have no page loaded", async () => {
		const { contents, service } = open();
		await settle();
		for (let change = 0; change < 5; change++) service.become({ batches: new Map() });
		await settle();
		expect(contents.documents).toBe(1);
	});
});

describe("a page that can't be loaded", () => {
	it("is tried again a few times, and loaded as soon as it can be", async () => {
		const { window, desk } = open();
		desk.web.unreachable.add(serviceUrl);
		await vi.advanceTimersByTimeAsync(LOAD_PAUSE_MS);
		desk.web.unreachable.clear();
		await vi.advanceTimersByTimeAsync(LOAD_PAUSE_MS);
		expect(window.address).toBe(`${serviceUrl}/`);
	});

	it("is given up after that, with a way to try again", async () => {
		const { window, contents, desk, service, warnings, downActions } = open();
		desk.web.unreachable.add(serviceUrl);
		await vi.advanceTimersByTimeAsync(MOST_LOADS * LOAD_PAUSE_MS);
		expect(wordsOf(window.address)).toMatchObject({
			title: "This page could not be loaded",
			detail: "ERR_CONNECTION_REFUSED",
			"try-again": "Try again",
		});
		expect(warnings).toEqual(["the page could not be loaded"]);
		service.become({ batches: new Map() });
		await settle();
		expect(window.address).toContain(downPage);
		desk.web.unreachable.clear();
		contents.follow("?do=try-again");
		await settle();
		expect(window.address).toBe(`${serviceUrl}/`);
		expect(downActions).toEqual([]);
	});

	it("is no failure where a file is saved instead", async () => {
		const { window, contents } = open();
		await settle();
		contents.abort();
		await vi.advanceTimersByTimeAsync(LOAD_PAUSE_MS);
		expect(window.address).toBe(`${serviceUrl}/`);
		expect(contents.documents).toBe(1);
	});

	it("waits for the service where that went away meanwhile", async () => {
		const { window, desk, service } = open();
		desk.web.unreachable.add(serviceUrl);
		await settle();
		service.become(restarting);
		await vi.advanceTimersByTimeAsync(START_PATIENCE_MS);
		await settle();
		expect(wordsOf(window.address)).toMatchObject({ title: "Nightshift is being restarted" });
	});
});

describe("a page that ends", () => {
	it("comes back at the screen it was at", async () => {
		const { window, contents, host } = open();
		host.goTo("#/models");
		await settle();
		contents.crash();
		await settle();
		expect(contents.isCrashed).toBe(false);
		expect(window.address).toBe(`${serviceUrl}/?again#/models`);
	});

	it("stays away when it ends again and again, until somebody tries again", async () => {
		const { window, contents } = open();
		for (let crash = 0; crash < MOST_CRASHES; crash++) {
			await settle();
			contents.crash("oom");
		}
		await settle();
		expect(wordsOf(window.address)).toMatchObject({ title: "This window broke several times", detail: "oom" });
		contents.follow("?do=try-again");
		await settle();
		expect(window.address).toMatch(pageAddress);
	});

	it("is tried now and then where even the local page ends again and again", async () => {
		const { window, contents, service } = open();
		await settle();
		service.become({ service: { kind: "given-up", message: "The data folder is in use." } });
		for (let crash = 0; crash < 10; crash++) {
			await settle();
			contents.crash("oom");
		}
		const { documents } = contents;
		await vi.advanceTimersByTimeAsync(DOWN_PAUSE_MS - 100);
		expect(contents.documents).toBe(documents);
		await vi.advanceTimersByTimeAsync(200);
		expect(contents.isCrashed).toBe(false);
		expect(wordsOf(window.address)).toMatchObject({ detail: "The data folder is in use." });
	});

	it("may end now and then", async () => {
		const { window, contents } = open();
		for (let crash = 0; crash < 3 * MOST_CRASHES; crash++) {
			await vi.advanceTimersByTimeAsync(45_000);
			contents.crash();
		}
		await settle();
		expect(window.address).toMatch(pageAddress);
	});

	it("because it did nothing for long is one that ends; one that comes round is left alone", async () => {
		const { window, contents } = open();
		await settle();
		window.becomeUnresponsive();
		await vi.advanceTimersByTimeAsync(HANG_PATIENCE_MS - 1);
		window.becomeResponsive();
		await vi.advanceTimersByTimeAsync(HANG_PATIENCE_MS);
		expect(contents.documents).toBe(1);
		window.becomeUnresponsive();
		await vi.advanceTimersByTimeAsync(HANG_PATIENCE_MS);
		await settle();
		expect(contents.documents).toBe(2);
		expect(window.address).toMatch(pageAddress);
	});
});

it("a window that is gone asks for nothing any more", async () => {
	const { window, host, service, desk, codes } = open();
	await settle();
	const contents = window.webContents;
	host.end();
	window.destroy();
	desk.session.signedIn.clear();
	service.become(restarting);
	service.become({ service: up });
	contents.crash();
	await vi.advanceTimersByTimeAsync(RESTART_PATIENCE_MS);
	expect(codes).toHaveLength(1);
	expect(contents.documents).toBe(1);
});
