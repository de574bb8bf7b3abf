/**
 * What tests of commands and of the page about other machines share: a mesh in memory behind the real API, found by the commands as any
 * service is. Must never be imported by the product.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBatch } from "../api/batch-testing.ts";
import { startTestApi, type TestApi } from "../api/testing.ts";
import { sessionCodeSchema } from "../contract/contract.ts";
import { locate } from "../locations/locations.ts";
import { createMemoryMesh, type MemoryMesh } from "../mesh/testing.ts";

/** A service with a mesh in memory. */
export interface ServedMesh extends AsyncDisposable {
	/** What commands are given as `--data-dir`. */
	readonly dataDir: string;
	readonly mesh: MemoryMesh;
	readonly api: TestApi;
	/** An address of the page that signs a browser in, once. */
	signInAddress(): Promise<string>;
	/** Makes a batch of three lines that nobody works on; answers its id. */
	makeBatch(): Promise<string>;
}

/** Starts one; `pageDir` is where the built page lies, if it is to be shown. */
export async function serveMesh(pageDir: string | null = null): Promise<ServedMesh> {
	const dataDir = mkdtempSync(join(tmpdir(), "nightshift-cli-mesh-"));
	const made = Promise.withResolvers<MemoryMesh>();
	const api = await startTestApi({
		...(pageDir === null ? {} : { pageDir }),
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
		async signInAddress() {
			const headers = { authorization: `Bearer ${api.token}` };
			const asked = await fetch(`${api.url}/api/session/codes`, { method: "POST", headers });
			const { code } = sessionCodeSchema.parse(await asked.json());
			return `${api.url}/#code=${encodeURIComponent(code)}`;
		},
		makeBatch: async () => (await makeBatch(api.ledger)).id,
		async [Symbol.asyncDispose]() {
			await api.stop();
			rmSync(dataDir, { recursive: true, force: true });
		},
	};
}
