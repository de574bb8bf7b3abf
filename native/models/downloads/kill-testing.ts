/** A process that downloads until it is killed; run by kill.test.ts: models folder and address of the Hub are its arguments. */
import { join } from "node:path";
import { silentLog, systemClock } from "../../base/base.ts";
import { createDownloads } from "./create-downloads.ts";

const [modelsDir, hubAddress] = process.argv.slice(2);
if (modelsDir === undefined || hubAddress === undefined) throw new Error("Tell me a models folder and a Hub");
const downloads = createDownloads({
	modelsDir,
	modelDownloadsDir: join(modelsDir, ".downloads"),
	hubAddress,
	hubToken: null,
	onDigest() {},
	clock: systemClock,
	log: silentLog,
	limits: { leastFreeBytes: 0, syncBytes: 32_768 },
});
await downloads.start();
await downloads.add("hf:owner/model");
