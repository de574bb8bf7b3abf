import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ThreadWrite } from "../contract/contract.ts";
import { manualClock } from "../ledger/testing/fixtures.ts";
import { testFolder, testLog } from "../settings/testing.ts";
import { createThreads, isThreadId, newThreadId } from "./threads.ts";

const message = (text: string): ThreadWrite["messages"][number] => ({
	id: "m1",
	role: "user",
	text,
	thinking: null,
	figures: null,
	stopped: null,
	at: 1_700_000_000,
});

function draft(changes: Partial<ThreadWrite> = {}): ThreadWrite {
	const options = { model: null, system: "", temperature: null, top_p: null, max_tokens: null };
	return { revision: 0, title: "Boats", options, messages: [message("Why do boats float?")], ...changes };
}

function open(folder: ReturnType<typeof testFolder>, mostThreads?: number) {
	const [clock, log] = [manualClock(), testLog()];
	const dir = folder.path("threads");
	const again = () => createThreads({ dir, clock, log, ...(mostThreads === undefined ? {} : { mostThreads }) });
	return { clock, log, dir, threads: again(), again };
}

test("keeps a conversation, also for the next start", async () => {
	using folder = testFolder();
	const { threads, again, dir } = open(folder);
	const id = newThreadId();
	expect(isThreadId(id)).toBe(true);
	const written = await threads.write(id, draft());
	const thread = { ...draft(), id, revision: 1, created_at: 1_700_000_000, changed_at: 1_700_000_000 };
	expect(written).toEqual({ ok: true, value: thread });
	expect(await threads.read(id)).toEqual(thread);
	expect(await again().read(id)).toEqual(thread);
	if (process.platform !== "win32") expect(statSync(join(dir, `${id}.json`)).mode & 0o777).toBe(0o600);
});

test("is replaced only by who has read what is there", async () => {
	using folder = testFolder();
	const { threads, clock } = open(folder);
	const id = newThreadId();
	await threads.write(id, draft());
	clock.advance(60_000);
	const second = await threads.write(id, draft({ revision: 1, title: "Ships" }));
	expect(second).toMatchObject({
		ok: true,
		value: { revision: 2, title: "Ships", created_at: 1_700_000_000, changed_at: 1_700_000_060 },
	});
	for (const revision of [0, 1, 3]) {
		const late = await threads.write(id, draft({ revision, title: "Late" }));
		expect(late).toMatchObject({ ok: false, error: { kind: "changed" } });
	}
	expect(await threads.read(id)).toMatchObject({ title: "Ships" });
});

test("of several that write at once one wins", async () => {
	using folder = testFolder();
	const { threads } = open(folder);
	const id = newThreadId();
	const written = await Promise.all(["a", "b", "c"].map((title) => threads.write(id, draft({ title }))));
	expect(written.map(({ ok }) => ok)).toEqual([true, false, false]);
	expect(await threads.read(id)).toMatchObject({ title: "a", revision: 1 });
});

test("lists the heads, changed last first, and notices files that came, went or were changed by hand", async () => {
	using folder = testFolder();
	const { threads, clock, dir } = open(folder);
	const [one, two] = [newThreadId(), newThreadId()];
	await threads.write(one, draft({ title: "one" }));
	clock.advance(1_000);
	await threads.write(two, draft({ title: "two" }));
	expect((await threads.list()).map(({ title }) => title)).toEqual(["two", "one"]);
	clock.advance(1_000);
	await threads.write(one, draft({ revision: 1, title: "one again", messages: [] }));
	expect(await threads.list()).toEqual([
		{ id: one, title: "one again", messages: 0, created_at: 1_700_000_000, changed_at: 1_700_000_002 },
		{ id: two, title: "two", messages: 1, created_at: 1_700_000_001, changed_at: 1_700_000_001 },
	]);
	const path = join(dir, `${two}.json`);
	writeFileSync(path, readFileSync(path, "utf8").replace('"two"', '"by hand"'));
	expect((await threads.list()).map(({ title }) => title)).toEqual(["one again", "by hand"]);
	expect(await threads.remove(one)).toBe(true);
	expect((await threads.list()).map(({ id }) => id)).toEqual([two]);
});

test("forgets one that is deleted, and says so to who writes it still", async () => {
	using folder = testFolder();
	const { threads } = open(folder);
	const id = newThreadId();
	await threads.write(id, draft());
	expect(await threads.remove(id)).toBe(true);
	expect(await threads.remove(id)).toBe(false);
	expect(await threads.read(id)).toBeNull();
	const late = await threads.write(id, draft({ revision: 1 }));
	expect(late).toMatchObject({ ok: false, error: { kind: "gone", message: expect.stringContaining("deleted") } });
});

test("refuses one more than may be kept, but not changes of those there are", async () => {
	using folder = testFolder();
	const { threads } = open(folder, 2);
	const [one, two] = [newThreadId(), newThreadId()];
	await threads.write(one, draft());
	await threads.write(two, draft());
	const third = await threads.write(newThreadId(), draft());
	expect(third).toMatchObject({ ok: false, error: { kind: "full", message: expect.stringContaining("Delete some") } });
	expect(await threads.write(one, draft({ revision: 1 }))).toMatchObject({ ok: true });
	await threads.remove(two);
	expect(await threads.write(newThreadId(), draft())).toMatchObject({ ok: true });
});

test("keeps a broken file aside, tells of it and goes on without", async () => {
	using folder = testFolder();
	const { threads, log, dir } = open(folder);
	const [broken, foreign, whole] = [newThreadId(), newThreadId(), newThreadId()];
	await threads.write(whole, draft());
	writeFileSync(join(dir, `${broken}.json`), '{"id":');
	writeFileSync(join(dir, `${foreign}.json`), readFileSync(join(dir, `${whole}.json`)));
	expect((await threads.list()).map(({ id }) => id)).toEqual([whole]);
	expect(existsSync(join(dir, `${broken}.json.broken`))).toBe(true);
	expect(log.told).toHaveLength(2);
	expect(await threads.read(broken)).toBeNull();
	expect(await threads.write(broken, draft())).toMatchObject({ ok: true });
});

test("names no file outside its folder, whatever the id", async () => {
	using folder = testFolder();
	const { threads, dir } = open(folder);
	writeFileSync(folder.path("secret.json"), "{}");
	const ids = ["../secret", "thread_../../secret00000000", "thread_ABCDEFABCDEFABCDEF", "", "thread_short", "CON"];
	for (const id of ids) {
		expect(await threads.read(id)).toBeNull();
		expect(await threads.remove(id)).toBe(false);
		expect(await threads.write(id, draft())).toMatchObject({ ok: false, error: { kind: "gone" } });
	}
	expect(readdirSync(dir)).toEqual([]);
	expect(existsSync(folder.path("secret.json"))).toBe(true);
});

test("takes away what a killed service left", async () => {
	using folder = testFolder();
	const { threads, again, dir } = open(folder);
	const id = newThreadId();
	await threads.write(id, draft());
	writeFileSync(join(dir, `${id}.json.lock`), "half");
	const next = again();
	expect(readdirSync(dir)).toEqual([`${id}.json`]);
	expect(await next.write(id, draft({ revision: 1 }))).toMatchObject({ ok: true });
});
