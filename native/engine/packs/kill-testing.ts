/** A process that fetches a pack until it is killed; run by kill.heavy.test.ts: folder, registry and the pack as JSON are its arguments. */
import type { Pack } from "./pack-list.ts";
import { createTestPacks } from "./testing.ts";

const [folder, registryAddress, pack] = process.argv.slice(2);
if (folder === undefined || registryAddress === undefined || pack === undefined)
	throw new Error("Tell me what to fetch");
const chosen: Pack = JSON.parse(pack);
const packs = createTestPacks(folder, registryAddress, chosen);
packs.watch(() => {
	if (packs.describe().data[0]?.state.kind === "installed") process.exit(0);
});
await packs.start();
await packs.fetch("cuda");
