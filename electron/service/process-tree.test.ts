import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { endTree } from "./end-tree.ts";
import { parseLinuxStat, parsePosixList, parseWindowsList } from "./process-list.ts";
import { createProcessTrees, descendants } from "./process-tree.ts";

/** Ended after each test, whatever happened. */
const started: number[] = [];
afterEach(() => {
	for (const pid of started.splice(0)) {
		try {
			process.kill(pid, "SIGKILL");
		} catch {
			// It has ended already.
		}
	}
});

/** A process with a child and a grandchild; each writes its number. `obeys`: it ends when asked, and its children do not hear of it. */
async function startFamily(obeys: boolean) {
	const grandchild = "console.log(process.pid); setInterval(() => {}, 1000)";
	const spawnNext = (code: string) =>
		`require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(code)}], { stdio: ["ignore", "inherit", "inherit"] });`;
	const child = `${spawnNext(grandchild)} ${grandchild}`;
	const onAsked = obeys ? "process.exit(0)" : "{}";
	const parent = `process.on("SIGTERM", () => ${onAsked}); ${spawnNext(child)} ${grandchild}`;
	const family = spawn(process.execPath, ["-e", parent], { stdio: ["ignore", "pipe", "inherit"] });
	let told = "";
	family.stdout.on("data", (piece) => (told += String(piece)));
	await expect.poll(() => told.trim().split("\n").length).toBe(3);
	const pids = told.trim().split("\n").map(Number);
	started.push(...pids);
	return { process: family, pid: family.pid ?? 0, pids, ended: once(family, "exit").then(() => {}) };
}

const trees = createProcessTrees(process.platform);
const limits = { stopMs: 400, orphansMs: 100, killMs: 5_000 };
const sorted = (pids: readonly number[]) => [...pids].sort((one, other) => one - other);

test("a process that obeys is ended by asking; children that do not end with it are ended by force", async () => {
	const family = await startFamily(true);
	const tree = await trees.of(family.pid);
	expect(tree[0]?.pid).toBe(family.pid);
	expect(sorted(tree.map(({ pid }) => pid))).toEqual(sorted(family.pids));
	const left = await endTree({ ...family, ask: () => family.process.kill("SIGTERM"), trees, limits });
	expect(left).toEqual([]);
	expect(await trees.alive(tree)).toEqual([]);
	expect(family.process.exitCode).toBe(0);
});

test("a process that does not obey is ended by force, children and all", async () => {
	const family = await startFamily(false);
	const tree = await trees.of(family.pid);
	const left = await endTree({ ...family, ask: () => family.process.kill("SIGTERM"), trees, limits });
	expect(left).toEqual([]);
	expect(await trees.alive(tree)).toEqual([]);
	await family.ended;
	expect(family.process.signalCode).toBe("SIGKILL");
});

test("a process that only has the number of one that was known is left alone", async () => {
	const family = await startFamily(true);
	const [row] = await trees.of(family.pid);
	if (row === undefined) throw new Error("The process is not listed.");
	const stranger = { ...row, startedAt: row.startedAt - 1 };
	await trees.kill([stranger]);
	// Who was killed would not have ended in good order.
	family.process.kill("SIGTERM");
	await family.ended;
	expect(family.process.exitCode).toBe(0);
	expect(await trees.alive([row])).toEqual([]);
});

test("descendants are told by their parents, but not through a number that was given away anew", () => {
	const row = (pid: number, parentPid: number, startedAt: number) => ({ pid, parentPid, startedAt });
	const rows = [row(1, 0, 0), row(30, 20, 30), row(20, 10, 20), row(10, 1, 10), row(11, 10, 5), row(40, 1, 40)];
	expect(descendants(rows, 10).map(({ pid }) => pid)).toEqual([10, 20, 30]);
	expect(descendants(rows, 99)).toEqual([]);
});

test("a process is read as Linux tells it, whatever its name; one that has ended is none", () => {
	const fields = "1 77 77 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 7 0 987654 1000000 200";
	const row = { pid: 77, parentPid: 1, startedAt: 987_654 };
	expect(parseLinuxStat(`77 (node) S ${fields}`)).toEqual(row);
	expect(parseLinuxStat(`77 (a) b (c)) R ${fields}`)).toEqual(row);
	expect(parseLinuxStat(`77 (node) Z ${fields}`)).toBeNull();
});

test("processes are read as macOS and Windows tell them", () => {
	const mac =
		"    1     0 Ss   Sat Nov 21 08:00:00 2026    \n  431     1 Z    Sat Nov 21 18:20:24 2026\n  512   431 S+   Sun Nov  1 18:20:25 2026\n";
	expect(parsePosixList(mac)).toEqual([
		{ pid: 1, parentPid: 0, startedAt: new Date(2026, 10, 21, 8).getTime() },
		{ pid: 512, parentPid: 431, startedAt: new Date(2026, 10, 1, 18, 20, 25).getTime() },
	]);
	expect(parseWindowsList("4 0 \r\n4312 912 133798128241234567\r\n")).toEqual([
		{ pid: 4312, parentPid: 912, startedAt: 133_798_128_241_234_560 },
	]);
});
