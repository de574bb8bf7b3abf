import { expect, test } from "vitest";
import { createActions } from "./actions.ts";
import type { Card } from "./notifications/notifications.ts";
import { createFakeLink } from "./testing/fake-link.ts";
import { createFakeLog } from "./testing/fake-log.ts";
import { machineOn, up } from "./testing/sample-state.ts";
import { shellWords } from "./words/shell.ts";

function setUp(chooseFiles: () => Promise<readonly string[]> = async () => []) {
	const link = createFakeLink({ service: up });
	const told: Card[] = [];
	const files: string[] = [];
	const revealed: string[] = [];
	const errors: string[] = [];
	const asked: string[] = [];
	const act = createActions({
		windows: { main: { ...closedWindow, open() {} }, inFront: null },
		bridge: { chooseFiles },
		inbox: { files: (paths) => void files.push(...paths) },
		link: { call: link.call, restart: async () => link.become({ service: { kind: "starting" } }), folders: null },
		notifications: { tell: (card) => void told.push(card) },
		updates: { act: async () => {} },
		firewall: { allow: async () => void asked.push("firewall") },
		quit: { request() {} },
		desktop: { showItemInFolder: (path) => void revealed.push(path) },
		log: { ...createFakeLog(), path: "/logs/shell.log", info() {}, error: (_, message) => void errors.push(message) },
	});
	return { act, link, told, files, revealed, errors, asked };
}

const closedWindow = { isOpen: false, window: null, close() {}, showProgress() {}, end() {} };
const pause = { kind: "rest", request: { action: "pause" } } as const;

test("a pause is the service's affair; where it refuses, its words are told", async () => {
	const { act, link, told } = setUp();
	act(pause);
	await expect.poll(() => told).toMatchObject([{ title: shellWords.restFailed, body: "The service is not up." }]);
	link.answer("POST /api/rest", () => machineOn("leave"));
	act(pause);
	await expect.poll(() => link.asked).toMatchObject([{ body: { action: "pause" } }, { body: { action: "pause" } }]);
	expect(told).toHaveLength(1);
});

test("chosen files come in like dropped ones, and a dialog that fails is written down", async () => {
	const chosen = setUp(async () => ["/a.jsonl", "/b.jsonl"]);
	chosen.act({ kind: "choose-files" });
	await expect.poll(() => chosen.files).toEqual(["/a.jsonl", "/b.jsonl"]);
	const failed = setUp(() => Promise.reject(new Error("no portal")));
	failed.act({ kind: "choose-files" });
	await expect.poll(() => failed.errors).toEqual(["a choice of the menu failed"]);
});

test("other machines are let in by the firewall's room", () => {
	const { act, asked } = setUp();
	act({ kind: "allow-firewall" });
	expect(asked).toEqual(["firewall"]);
});

test("while the service never came up, its log is the shell's own, and trying again starts it", () => {
	const { act, link, revealed } = setUp();
	act({ kind: "logs" });
	expect(revealed).toEqual(["/logs/shell.log"]);
	act({ kind: "try-again" });
	expect(link.state.service.kind).toBe("starting");
});
