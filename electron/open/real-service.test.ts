import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { batchDetailsSchema, machineStatusSchema, settingsSchema } from "../../native/contract/contract.ts";
import { createNotifications, type Notifications } from "../notifications/notifications.ts";
import { createPower } from "../power/power.ts";
import { FakeApp } from "../testing/fake-app.ts";
import { createFakeLog } from "../testing/fake-log.ts";
import { createFakeMemory } from "../testing/fake-memory.ts";
import { FakeNotifications } from "../testing/fake-notification.ts";
import { FakePowerMonitor } from "../testing/fake-power-monitor.ts";
import { FakePowerSaveBlocker } from "../testing/fake-power-save-blocker.ts";
import { createTestFolder, type TestFolder, type TestLink, ticketLines } from "../testing/real-service.ts";
import { createInbox, createOpen, type Open } from "./open.ts";

let folder: TestFolder;
let link: TestLink["link"];
let app: FakeApp;
let desktop: FakeNotifications;
let notifications: Notifications;
let open: Open;
let shown: (string | null)[];

/** So many tickets in a file of this name, from one on so that no two files are equal. */
function writeTickets(name: string, first: number, count: number): string {
	const path = join(folder.dataDir, name);
	const lines = ticketLines(first + count)
		.split("\n")
		.slice(first);
	writeFileSync(path, `${lines.join("\n")}\n`);
	return path;
}

async function choose(patch: object): Promise<void> {
	await link.call({ method: "PATCH", path: "/api/settings", body: patch, answers: settingsSchema });
}

beforeAll(async () => {
	folder = createTestFolder();
	({ link } = folder.open());
	await link.start();
	await vi.waitFor(() => expect(link.state.settings).not.toBeNull(), { timeout: 30_000 });
});
afterAll(() => folder.remove());
beforeEach(() => {
	app = new FakeApp();
	app.becomeReady();
	desktop = new FakeNotifications();
	shown = [];
	const show = (hash: string | null) => void shown.push(hash);
	notifications = createNotifications({
		...{ link, create: desktop.create, handleActivation: null, history: null, log: createFakeLog() },
		memory: createFakeMemory(),
		platform: "darwin",
		isSupported: () => true,
		seenHash: () => null,
		open: show,
	});
	const inbox = createInbox(app, { argv: ["/opt/nightshift"], cwd: folder.dataDir });
	open = createOpen({ link, inbox, show, tell: notifications.tell, startsHidden: true });
});
afterEach(() => {
	open.stop();
	notifications.stop();
});

test("a file opened with the program is checked and rehearsed; queued by the user it is done, and it is told", async () => {
	app.openFile(writeTickets("night.jsonl", 0, 8));
	expect(shown).toEqual(["#/"]);
	await expect.poll(() => desktop.titles).toEqual(["The rehearsal of night.jsonl is over"]);
	const [draft] = link.state.batches.values();
	expect(draft).toMatchObject({ is_rehearsal: true, health: { state: "rehearsed" }, request_counts: { completed: 5 } });
	const path = `/api/batches/${draft?.id}/queue`;
	await link.call({ method: "POST", path, body: {}, answers: batchDetailsSchema });
	await expect.poll(() => desktop.titles).toEqual(["night.jsonl is done"]);
	desktop.click("night.jsonl is done");
	expect(shown.at(-1)).toBe(`#/jobs/${draft?.id}`);
});

test("with the setting changed by anybody, an opened file is queued at once and done without a window", async () => {
	await choose({ desktop: { openedFiles: "queue" } });
	await expect.poll(() => link.state.settings?.desktop.openedFiles).toBe("queue");
	app.startAgain({ argv: ["/opt/nightshift", writeTickets("second.jsonl", 20, 3)], cwd: "/" });
	await expect.poll(() => desktop.titles).toContain("second.jsonl is done");
	expect(shown).toEqual([]);
	await choose({ desktop: { openedFiles: "ask" } });
});

test("what the service says of a file it does not take is told in its words", async () => {
	app.openFile(join(folder.dataDir, "gone.jsonl"));
	app.openFile(folder.dataDir);
	await expect.poll(() => open.waiting).toBe(0);
	expect(desktop.standing).toMatchObject([
		{ title: "gone.jsonl was not taken", body: "There is no file at this path any more." },
		{ body: "That is a folder or a device, not a file. Drop the files in it." },
	]);
});

test("the service takes the shell's word for who sits here", async () => {
	const monitor = new FakePowerMonitor();
	monitor.desk.idleSeconds = 1_234;
	monitor.lock();
	const power = createPower({
		...{ monitor, link, blocker: new FakePowerSaveBlocker(), onSystemEnd() {}, log: createFakeLog() },
		platform: "win32",
		environment: {},
	});
	const look = () => link.call({ method: "GET", path: "/api/machine", answers: machineStatusSchema });
	await expect.poll(look).toMatchObject({ value: { snapshot: { user: { idleMs: 1_234_000, isLocked: true } } } });
	power.stop();
});
