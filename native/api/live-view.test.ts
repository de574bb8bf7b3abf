import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import {
	batchesEventSchema,
	type Download,
	downloadsEventSchema,
	engineEventSchema,
	type MachineSnapshot,
	machineEventSchema,
	meshEventSchema,
	settingsEventSchema,
} from "../contract/contract.ts";
import { sampleSnapshot } from "../machine/testing.ts";
import { createMemoryMesh, sampleMember } from "../mesh/testing.ts";
import { mayRun } from "../scheduler/testing.ts";
import { answerTo, makeBatch } from "./batch-testing.ts";
import { createLiveRooms } from "./live-testing.ts";
import { createLiveView } from "./live-view.ts";
import { startTestApi, type TestApi } from "./testing.ts";

const download: Download = {
	id: "download_1",
	reference: "hf:owner/model:Q4_K_M",
	name: "model-q4_k_m",
	state: "running",
	received_bytes: 5,
	total_bytes: 10,
	bytes_per_second: 1,
	problem: null,
	created_at: 1_700_000_000,
};

/** What the pages are shown, and who watches it. */
function createWorld() {
	const machineListeners = new Set<(snapshot: MachineSnapshot) => void>();
	const downloadListeners = new Set<() => void>();
	let snapshot = sampleSnapshot({ atMs: 1 });
	let downloads: readonly Download[] = [];
	return {
		machineListeners,
		downloadListeners,
		machine: {
			get snapshot() {
				return snapshot;
			},
			look: async () => snapshot,
			reportPresence() {},
			watch(listener: (snapshot: MachineSnapshot) => void) {
				machineListeners.add(listener);
				return () => void machineListeners.delete(listener);
			},
		},
		downloads: {
			list: () => downloads,
			watch(listener: () => void) {
				downloadListeners.add(listener);
				return () => void downloadListeners.delete(listener);
			},
		},
		looks(atMs: number) {
			snapshot = sampleSnapshot({ atMs });
			for (const listener of machineListeners) listener(snapshot);
		},
		loads(list: readonly Download[]) {
			downloads = list;
			for (const listener of downloadListeners) listener();
		},
	};
}

let world: ReturnType<typeof createWorld>;
let rooms: ReturnType<typeof createLiveRooms>;
let api: TestApi;
beforeEach(async () => {
	world = createWorld();
	rooms = createLiveRooms();
	api = await startTestApi({ machine: world.machine, downloads: world.downloads, rooms });
});
afterEach(async () => {
	await api.stop();
	await rooms.stop();
});

interface Heard {
	readonly event: string;
	readonly id: string | null;
	readonly data: unknown;
}

/** A page that keeps what it hears. */
async function openPage(path = "/api/events?topics=all", asked = api) {
	const gone = new AbortController();
	const answer = await fetch(`${asked.url}${path}`, {
		headers: { authorization: `Bearer ${asked.token}` },
		signal: gone.signal,
	});
	const heard: Heard[] = [];
	const reading = (async () => {
		let text = "";
		const decoder = new TextDecoder();
		for await (const piece of answer.body ?? []) {
			text += decoder.decode(piece, { stream: true });
			const blocks = text.split("\n\n");
			text = blocks.pop() ?? "";
			for (const block of blocks) if (!block.startsWith(":")) heard.push(parseEvent(block));
		}
	})();
	reading.catch(() => undefined);
	const of = (event: string) => heard.filter((one) => one.event === event);
	return {
		answer,
		heard,
		of,
		async leave() {
			gone.abort();
			await reading.catch(() => undefined);
		},
	};
}

function parseEvent(block: string): Heard {
	const fields = new Map(
		block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(": ") + 2)]),
	);
	return {
		event: fields.get("event") ?? "",
		id: fields.get("id") ?? null,
		data: JSON.parse(fields.get("data") ?? "null"),
	};
}

test("a page that opens the stream is told how everything is, without numbers", async () => {
	const { id } = await makeBatch(api.ledger);
	const page = await openPage();
	await expect.poll(() => new Set(page.heard.map(({ event }) => event)).size).toBe(6);
	expect(batchesEventSchema.parse(page.of("batches")[0]?.data)).toMatchObject({ changed: [{ id }], gone: [] });
	expect(machineEventSchema.parse(page.of("machine")[0]?.data)).toMatchObject({ snapshot: { atMs: 1 } });
	expect(engineEventSchema.parse(page.of("engine")[0]?.data)).toMatchObject({
		models: [],
		live: { running: 0, waiting: 0 },
		isAside: false,
		handBackMs: null,
	});
	expect(settingsEventSchema.parse(page.of("settings")[0]?.data)).toEqual(api.settings.current);
	expect(meshEventSchema.parse(page.of("mesh")[0]?.data)).toMatchObject({ is_on: false, machines: [] });
	expect(downloadsEventSchema.parse(page.of("downloads")[0]?.data)).toEqual({ downloads: [] });
	expect(page.heard.every((one) => one.id === null)).toBe(true);
	await page.leave();
});

test("and then what changes", async () => {
	const { id } = await makeBatch(api.ledger);
	const page = await openPage();
	await expect.poll(() => page.of("batches").length).toBe(1);
	await api.ledger.commit(id, [answerTo(0)]);
	world.looks(2);
	world.loads([download]);
	await expect
		.poll(() => page.of("batches")[1]?.data)
		.toMatchObject({ changed: [{ id, request_counts: { completed: 1 } }] });
	await expect.poll(() => page.of("machine")[1]?.data).toMatchObject({ snapshot: { atMs: 2 } });
	await expect.poll(() => page.of("downloads")[1]?.data).toEqual({ downloads: [download] });
	await page.leave();
});

test("sees batch work step aside at once, and come back", async () => {
	const page = await openPage();
	await expect.poll(() => page.of("engine").length).toBe(1);
	const visit = rooms.stepAside.arrive({ kind: "request", endpoint: "/v1/chat/completions", client: null });
	await expect.poll(() => page.of("engine")[1]?.data).toMatchObject({ isAside: true });
	visit.leave();
	await expect.poll(() => page.of("engine")[2]?.data).toMatchObject({ isAside: false });
	await page.leave();
});

test("says how long handing over took", () => {
	const cause = { kind: "request", endpoint: "/v1/chat/completions", client: null } as const;
	const { ledger, jobs } = api;
	const view = createLiveView({
		ledger,
		jobs,
		reports: { forecast: () => null },
		clock: systemClock,
		log: silentLog,
		machineName: "desk",
		machine: world.machine,
		scheduler: { verdict: mayRun, rest: { isPaused: false, snoozedUntilMs: null }, watch: () => () => {} },
		residency: rooms.residency,
		live: rooms.live,
		stepAside: { isAside: true, present: { cause, sinceMs: 1, handBackMs: 8.1 }, watch: () => () => {} },
		settings: api.settings,
		mesh: createMemoryMesh(),
	});
	const told = new Map<string, object>();
	const put = (event: string, state: object): void => void told.set(event, state);
	view.open({ put, putBatches() {}, flush() {} })();
	expect(told.get("engine")).toMatchObject({ isAside: true, handBackMs: 8.1 });
});

test("tells of machines that come, and never of the code that is shown", async () => {
	const mesh = createMemoryMesh();
	await using alone = await startTestApi({ mesh: () => mesh });
	const page = await openPage("/api/events?topics=all", alone);
	await expect.poll(() => page.of("mesh").length).toBe(1);
	expect((await mesh.showCode()).ok).toBe(true);
	mesh.put(sampleMember("attic"));
	await expect
		.poll(() => page.of("mesh").at(-1)?.data)
		.toMatchObject({ machines: [{ name: "desk" }, { name: "attic" }] });
	expect(JSON.stringify(page.heard)).not.toContain("1234 5678");
	await page.leave();
});

test("looks once for all pages, and not at all when the last has left", async () => {
	const pages = [await openPage(), await openPage()];
	await expect.poll(() => world.machineListeners.size).toBe(1);
	await pages[0]?.leave();
	world.looks(3);
	await expect.poll(() => pages[1]?.of("machine").at(-1)?.data).toMatchObject({ snapshot: { atMs: 3 } });
	expect(world.downloadListeners.size).toBe(1);
	await pages[1]?.leave();
	await expect.poll(() => world.machineListeners.size + world.downloadListeners.size).toBe(0);
});

test("a program that asks for notices alone is told nothing else, and nothing is looked at for it", async () => {
	const page = await openPage("/api/events?after=0");
	world.looks(5);
	const { id } = await makeBatch(api.ledger);
	await api.ledger.pause(id, "runaway", "Answers are too long.");
	expect(world.machineListeners.size).toBe(0);
	await page.leave();
	expect(page.heard).toEqual([]);
});

test("says what is wrong with topics there are not", async () => {
	const headers = { authorization: `Bearer ${api.token}` };
	const answer = await fetch(`${api.url}/api/events?topics=machine`, { headers });
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({ error: { param: "topics" } });
});

test("a page that does not read gets the newest state when it does, and nothing piles up for it", async () => {
	const answer = await api.app.request("/api/events?topics=all", { headers: { authorization: `Bearer ${api.token}` } });
	const reader = answer.body?.getReader();
	for (let atMs = 10; atMs < 200; atMs += 1) world.looks(atMs);
	// The look after the last one that is told comes a second later at most.
	const decoder = new TextDecoder();
	let text = "";
	while (!text.includes('"atMs":199')) text += decoder.decode((await reader?.read())?.value, { stream: true });
	expect(text.match(/event: machine/g)?.length).toBeLessThanOrEqual(3);
	await reader?.cancel();
});

test("a page hears of a setting that somebody else changed", async () => {
	const page = await openPage();
	await expect.poll(() => page.of("settings").length).toBe(1);
	await api.settings.update({ updates: { channel: "beta" } });
	await expect.poll(() => page.of("settings").length).toBe(2);
	const changed = settingsEventSchema.parse(page.of("settings")[1]?.data);
	expect(changed.updates).toEqual({ channel: "beta", download: true });
	await page.leave();
});
