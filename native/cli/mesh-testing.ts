/** What tests of commands about other machines share: a mesh in memory behind the real API, found by the commands as any service is. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestApi, type TestApi } from "../api/testing.ts";
import { locate } from "../locations/locations.ts";
import { createMemoryMesh, type MemoryMesh } from "../mesh/testing.ts";

/** A service with a mesh in memory. */
export interface ServedMesh extends AsyncDisposable {
	/** What commands are given as `--data-dir`. */
	readonly dataDir: string;
	readonly mesh: MemoryMesh;
	readonly api: TestApi;
}

/** Starts one. */
export async function serveMesh(): Promise<ServedMesh> {
	const dataDir = mkdtempSync(join(tmpdir(), "nightshift-cli-mesh-"));
	const made = Promise.withResolvers<MemoryMesh>();
	const api = await startTestApi({
		mesh(ledger) {
			const mesh = createMemoryMesh({ ledger });
			made.resolve(mesh);
			return mesh;
		},
	});
	const { serverPath, tokenPath } = locate(dataDir);
	writeFileSync(tokenPath, `${api.token}\n`);
	writeFileSync(serverPath, JSON.stringify({ port: api.port, pid: process.pid }));
	return {
		dataDir,
		mesh: await made.promise,
		api,
		async [Symbol.asyncDispose]() {
			await api.stop();
			rmSync(dataDir, { recursive: true, force: true });
		},
	};
}
