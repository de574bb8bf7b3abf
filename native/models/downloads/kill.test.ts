import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { silentLog, systemClock } from "../../base/base.ts";
import { createDownloads } from "./create-downloads.ts";
import { modelBytes, startHub } from "./testing.ts";

const script = fileURLToPath(new URL("./kill-testing.ts", import.meta.url));

/** Bytes that the records in a folder say are safe. */
function syncedBytes(folder: string): number {
	const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
	const text = names.map((name) => readFileSync(join(folder, name), "utf8")).join();
	return Number(/"syncedBytes": (\d+)/.exec(text)?.[1] ?? 0);
}

async function kill(child: ChildProcess): Promise<void> {
	const gone = once(child, "exit");
	child.kill("SIGKILL");
	await gone;
}

test("a download that was killed twice goes on where it was and ends byte by byte the same", async () => {
	const modelsDir = mkdtempSync(join(tmpdir(), "nightshift-kill-"));
	const modelDownloadsDir = join(modelsDir, ".downloads");
	const model = modelBytes(600_000);
	await using hub = await startHub({ "model-Q4_K_M.gguf": model });
	for (const round of [1, 2]) {
		hub.manners.stallAfterBytes = 200_000;
		const child = spawn(process.execPath, [script, modelsDir, hub.url], { stdio: "inherit" });
		await expect
			.poll(() => hub.askedFiles().length === round && syncedBytes(modelDownloadsDir), { timeout: 30_000 })
			.toBeGreaterThan(round * 150_000);
		await kill(child);
		expect(readdirSync(modelsDir)).toEqual([".downloads"]);
	}
	hub.manners.stallAfterBytes = null;
	const downloads = createDownloads({
		modelsDir,
		modelDownloadsDir,
		hubAddress: hub.url,
		hubToken: null,
		onDigest() {},
		clock: systemClock,
		log: silentLog,
		limits: { leastFreeBytes: 0 },
	});
	await downloads.start();
	await expect.poll(() => downloads.list().map(({ state }) => state), { timeout: 30_000 }).toEqual(["done"]);
	await downloads.stop();
	expect(readFileSync(join(modelsDir, "model-Q4_K_M.gguf")).equals(model)).toBe(true);
	expect(readdirSync(modelDownloadsDir)).toEqual([]);
	const offsets = hub.askedFiles().map(({ range }) => Number(/\d+/.exec(range ?? "")?.[0] ?? 0));
	expect(offsets).toHaveLength(3);
	expect(offsets[2]).toBeGreaterThan(300_000);
	rmSync(modelsDir, { recursive: true });
});
