/** The real service for tests of the shell: started from source on a folder of its own, through the real link, leaving nothing behind. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { NoticeObject } from "../../native/contract/contract.ts";
import type { Remembered } from "../memory/memory.ts";
import { createLink, type OwnedLink } from "../service/create-link.ts";
import { parseLinuxStat } from "../service/process-list.ts";
import { workAlways } from "../smoke.ts";
import type { ServicePhase } from "../state/state.ts";
import { createFakeMemory } from "./fake-memory.ts";

/** A link to a service of a test's own, and what it told. */
export interface TestLink {
	readonly link: OwnedLink;
	/** Every phase so far. */
	readonly phases: readonly ServicePhase[];
	readonly notices: readonly NoticeObject[];
	readonly keepAwake: readonly boolean[];
	/** What the shell remembers. */
	readonly remembered: Remembered;
	/** What could not be read; a test that ends with any has found something. */
	readonly problems: readonly string[];
	/** Process id of the service by its own word; throws where it does not answer. */
	servicePid(): number;
}

/** A folder with links on it. */
export interface TestFolder {
	readonly dataDir: string;
	/** A link that has not started anything yet. */
	open(remembered?: Partial<Remembered>, nowMs?: () => number): TestLink;
	/** Ends all services and removes the folder. */
	remove(): Promise<void>;
}

/** Makes a folder for a service that works whatever this computer does: other tests use its processor at the same time. */
export function createTestFolder(): TestFolder {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-link-"));
	const dataDir = join(folder, "data");
	mkdirSync(dataDir);
	writeFileSync(join(dataDir, "settings.json"), JSON.stringify(workAlways));
	const opened: OwnedLink[] = [];
	return {
		dataDir,
		open(change = {}, nowMs = Date.now) {
			const one = openLink(dataDir, change, nowMs);
			opened.push(one.link);
			return one;
		},
		async remove() {
			await Promise.all(opened.map((link) => link.stop()));
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

function openLink(dataDir: string, change: Partial<Remembered>, nowMs: () => number): TestLink {
	const memory = createFakeMemory(change);
	const problems: string[] = [];
	const link = createLink({
		entryPath: fileURLToPath(new URL("../../native/main.ts", import.meta.url)),
		entryWords: ["--port", "0", "--no-gpu", "--log-level", "debug"],
		environment: { ...process.env, NIGHTSHIFT_HOME: dataDir },
		platform: process.platform,
		nowMs,
		memory,
		onProblem: (message) => void problems.push(message),
	});
	const phases: ServicePhase[] = [];
	const notices: NoticeObject[] = [];
	const keepAwake: boolean[] = [];
	link.watch(({ service }) => {
		if (phases.at(-1) !== service) phases.push(service);
	});
	link.onNotice((notice) => void notices.push(notice));
	link.onKeepAwake((isWanted) => void keepAwake.push(isWanted));
	return {
		link,
		phases,
		notices,
		keepAwake,
		problems,
		get remembered() {
			return memory.current;
		},
		servicePid: () => servicePid(dataDir),
	};
}

/** Process id of the service on a folder, by its own word; throws where it does not answer. */
export function servicePid(dataDir: string): number {
	return serverSchema.parse(JSON.parse(readFileSync(join(dataDir, "server.json"), "utf8"))).pid;
}

const serverSchema = z.object({ pid: z.int() });

/** So many lines of the tickets that the demo model answers. */
export function ticketLines(count: number): string {
	const path = fileURLToPath(new URL("../../assets/examples/tickets.jsonl", import.meta.url));
	return readFileSync(path, "utf8").split("\n").slice(0, count).join("\n");
}

/** Whether a process runs; one that has ended and waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
	try {
		if (process.platform === "linux") return parseLinuxStat(readFileSync(`/proc/${pid}/stat`, "utf8")) !== null;
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}
