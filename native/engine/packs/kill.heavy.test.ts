import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { installedModules } from "./create-packs.ts";
import { type Pack, packKey } from "./pack-list.ts";
import { EXTENSION, MAIN, packageTarball, packOf, startRegistry } from "./testing.ts";

const script = fileURLToPath(new URL("./kill-testing.ts", import.meta.url));
/** Large enough that unpacking takes some tens of milliseconds. */
const LIBRARY_BYTES = 6_000_000;
const LIBRARY = "bins/linux-x64-cuda/fallback/libggml-cuda.so";
const ROUNDS = 12;

function digestOf(path: string): string {
	return createHash("sha256").update(readFileSync(path)).digest("hex");
}

async function kill(child: ChildProcess): Promise<boolean> {
	if (child.exitCode !== null) return false;
	const gone = once(child, "exit");
	child.kill("SIGKILL");
	const [code] = await gone;
	return code === null;
}

/** What is lent of a folder must be whole. */
function expectNothingOrAll(pack: Pack, packsDir: string, digests: readonly string[]): boolean {
	const modules = installedModules([pack], packsDir);
	if (modules.length > 0) {
		expect(modules.map(({ folder }) => digestOf(join(folder, LIBRARY)))).toEqual(digests);
	}
	return modules.length > 0;
}

test("a kill at any moment leaves no pack or a whole one, and the next start goes on to the end", async () => {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-packs-kill-"));
	const packsDir = join(folder, "gpu-packs");
	const tarballs = {
		[MAIN]: packageTarball(MAIN, LIBRARY_BYTES),
		[EXTENSION]: packageTarball(EXTENSION, LIBRARY_BYTES),
	};
	const pack = packOf(tarballs);
	await using registry = await startRegistry(tarballs);
	const start = () =>
		spawn(process.execPath, [script, folder, registry.url, JSON.stringify(pack)], { stdio: "inherit" });
	const isUnpacking = () => existsSync(packsDir) && readdirSync(packsDir).some((name) => name.includes(".partial-"));

	const whole = start();
	expect(await once(whole, "exit")).toEqual([0, null]);
	const digests = installedModules([pack], packsDir).map((module) => digestOf(join(module.folder, LIBRARY)));
	expect(digests).toHaveLength(2);

	let kills = 0;
	for (let round = 0; round < ROUNDS; round++) {
		rmSync(folder, { recursive: true });
		const child = start();
		// Every other round between two of its files, the others anywhere on the way.
		if (round % 2 === 0) await expect.poll(() => isUnpacking() || child.exitCode !== null, { interval: 1 }).toBe(true);
		else await expect.poll(() => existsSync(packsDir), { interval: 1 }).toBe(true);
		await wait(round * 7);
		if (await kill(child)) kills++;
		expectNothingOrAll(pack, packsDir, digests);
		const next = start();
		expect(await once(next, "exit")).toEqual([0, null]);
		expect(expectNothingOrAll(pack, packsDir, digests)).toBe(true);
		expect(readdirSync(packsDir).sort()).toEqual([".downloads", packKey(pack)]);
		expect(statSync(join(packsDir, packKey(pack))).isDirectory()).toBe(true);
	}
	expect(kills).toBeGreaterThan(ROUNDS / 3);
	rmSync(folder, { recursive: true });
});
