import { setImmediate } from "node:timers/promises";
import { beforeEach, expect, test, vi } from "vitest";
import type { FileObject, Rehearsal } from "../../native/contract/contract.ts";
import type { Card } from "../notifications/card.ts";
import { FakeApp } from "../testing/fake-app.ts";
import { createFakeLink, type FakeLink } from "../testing/fake-link.ts";
import { sampleBatch, settingsWith, up } from "../testing/sample-state.ts";
import { createInbox, createOpen, type Inbox, type Open, registerLinks } from "./open.ts";

let app: FakeApp;
let inbox: Inbox;
let open: Open;
let link: FakeLink;
let shown: (string | null)[];
let told: Card[];

function file(id: string): FileObject {
	const rest = {
		object: "file",
		bytes: 1,
		created_at: 1,
		expires_at: null,
		purpose: "batch",
		status_details: null,
	} as const;
	return { id, filename: "tickets.jsonl", status: "processed", ...rest };
}

/** The service takes every file and makes a batch of it. */
function takeAll(): void {
	link.answer("POST /api/files/by-path", () => file("file_1"));
	link.answer("POST /api/batches", () => sampleBatch("batch_1"));
	link.answer(
		"POST /api/batches/rehearse",
		(): Rehearsal => ({
			batch: sampleBatch("batch_1", { is_rehearsal: true }),
			lines: [],
			forecast: null,
			is_finished: false,
		}),
	);
}

function begin(argv: readonly string[] = [], startsHidden = false): void {
	app = new FakeApp();
	inbox = createInbox(app, { argv: ["/opt/nightshift", ...argv], cwd: "/home/ada" });
	deliver(startsHidden);
}

function deliver(startsHidden = false): void {
	const show = (hash: string | null) => void shown.push(hash);
	open = createOpen({ link, inbox, show, tell: (card) => void told.push(card), startsHidden });
}

/** Questions so far, in short. */
function asked(): readonly string[] {
	return link.asked.map(({ method, path }) => `${method} ${path}`);
}

beforeEach(() => {
	link = createFakeLink({ service: up, settings: settingsWith() });
	shown = [];
	told = [];
	takeAll();
});

test("an opened file is taken by its path and rehearsed, and the window shows its card", async () => {
	begin(["tickets.jsonl"]);
	await vi.waitFor(() => expect(open.waiting).toBe(0));
	expect(link.asked).toMatchObject([
		{ path: "/api/files/by-path", body: { path: "/home/ada/tickets.jsonl", purpose: "batch" } },
		{ path: "/api/batches/rehearse", body: { input_file_id: "file_1" } },
	]);
	expect(shown).toEqual(["#/"]);
	expect(told).toEqual([]);
});

test("who so wishes has opened files queued at once, without a window", async () => {
	link.become({ settings: settingsWith({ desktop: { openedFiles: "queue" } }) });
	begin(["tickets.jsonl"]);
	await vi.waitFor(() => expect(open.waiting).toBe(0));
	expect(asked()).toEqual(["POST /api/files/by-path", "POST /api/batches"]);
	expect(shown).toEqual([]);
	expect(told).toMatchObject([{ title: "tickets.jsonl is queued", hash: "#/jobs/batch_1" }]);
});

test("files macOS opens before Electron is ready wait, and so do those that come before the service", async () => {
	app = new FakeApp();
	inbox = createInbox(app, { argv: ["/opt/nightshift"], cwd: "/" });
	expect(app.openFile("/data/early.jsonl")).toBe(true);
	app.becomeReady();
	link.become({ service: { kind: "starting" } });
	deliver(true);
	app.openFile("/data/--late.jsonl");
	expect(open.waiting).toBe(2);
	expect(asked()).toEqual([]);
	link.become({ service: up });
	await vi.waitFor(() => expect(open.waiting).toBe(0));
	const taken = link.asked.flatMap(({ path, body }) => (path === "/api/files/by-path" ? [body] : []));
	expect(taken).toMatchObject([{ path: "/data/early.jsonl" }, { path: "/data/--late.jsonl" }]);
});

test("nothing is sent before the settings say how", async () => {
	link.become({ settings: null });
	begin(["tickets.jsonl"]);
	expect(asked()).toEqual([]);
	link.become({ settings: settingsWith() });
	await vi.waitFor(() => expect(open.waiting).toBe(0));
	expect(asked()).toHaveLength(2);
});

test("a second start brings its files by what it says itself, not by what Chromium made of its arguments", async () => {
	begin();
	app.startAgain({ argv: ["/opt/nightshift", "b.jsonl"], cwd: "/home/eve" }, "/elsewhere");
	await vi.waitFor(() => expect(open.waiting).toBe(0));
	expect(link.asked[0]).toMatchObject({ body: { path: "/home/eve/b.jsonl" } });
});

test("a second start without files shows the window, and so does one that says nothing readable", () => {
	begin([], true);
	expect(shown).toEqual([]);
	app.startAgain({ argv: ["/opt/nightshift"], cwd: "/" });
	app.startAgain("nonsense");
	expect(shown).toEqual([null, null]);
});

test("the first start shows the window, unless it was asked to stay hidden", () => {
	begin();
	expect(shown).toEqual([null]);
	shown = [];
	begin(["--hidden"], true);
	expect(shown).toEqual([]);
});

test("a link leads to its place, and one that leads nowhere is told of", () => {
	begin([], true);
	expect(app.openUrl("nightshift://morning")).toBe(true);
	expect(shown).toEqual(["#/morning"]);
	app.openUrl("nightshift://jobs/a/../../b");
	app.openUrl("/etc/passwd");
	expect(shown).toEqual(["#/morning"]);
	expect(told).toMatchObject([{ title: "A link was not followed" }]);
	expect(asked()).toEqual([]);
});

test("what the service refuses is told in its own words, and the file goes again", async () => {
	const { call } = link;
	link.call = async (question) => {
		if (question.path !== "/api/batches/rehearse") return call(question);
		return { ok: false, error: { kind: "refused", message: "The disk is full.", status: 507 } };
	};
	link.answer("DELETE /v1/files/file_1", () => ({}));
	begin(["tickets.jsonl"]);
	await vi.waitFor(() => expect(open.waiting).toBe(0));
	await vi.waitFor(() =>
		expect(told).toMatchObject([{ title: "tickets.jsonl was not taken", body: "The disk is full." }]),
	);
	expect(asked()).toEqual(["POST /api/files/by-path", "DELETE /v1/files/file_1"]);
});

test("a table is sent to the window, where there are fields for its question", async () => {
	begin(["people.CSV"]);
	await vi.waitFor(() => expect(open.waiting).toBe(0));
	expect(asked()).toEqual([]);
	expect(told).toMatchObject([{ body: expect.stringContaining("drop it on Nightshift's window") }]);
});

test("a service that goes away under a file gets it once more, not for ever", async () => {
	let tries = 0;
	link.call = async () => {
		tries += 1;
		return { ok: false, error: { kind: "down", message: "gone", status: null } };
	};
	begin(["tickets.jsonl"]);
	await setImmediate();
	expect(tries).toBe(1);
	expect(told).toEqual([]);
	link.become({ service: up });
	await vi.waitFor(() => expect(open.waiting).toBe(0));
	expect(tries).toBe(2);
	expect(told).toMatchObject([{ body: expect.stringContaining("Open it again") }]);
});

test("when the service is given up, every file that waits is told of", () => {
	link.become({ service: { kind: "starting" } });
	begin(["a.jsonl", "b.jsonl"]);
	link.become({ service: { kind: "given-up", message: "The data folder is in use." } });
	expect(open.waiting).toBe(0);
	expect(told.map(({ title }) => title)).toEqual(["a.jsonl was not taken", "b.jsonl was not taken"]);
});

test("more files than may wait are left out, and it is said", () => {
	link.become({ service: { kind: "starting" } });
	begin();
	for (let start = 0; start < 3; start++) {
		const argv = Array.from({ length: 50 }, (_, index) => `${start}-${index}.jsonl`);
		app.startAgain({ argv: ["/opt/nightshift", ...argv], cwd: "/" });
	}
	expect(open.waiting).toBe(100);
	expect(told).toMatchObject([{ title: "Too many files" }]);
});

test("links are registered for the installed program only", () => {
	app = new FakeApp();
	registerLinks(app);
	expect([...app.protocols]).toEqual(["nightshift"]);
	const development = new FakeApp({ isPackaged: false });
	registerLinks(development);
	expect(development.protocols.size).toBe(0);
});
