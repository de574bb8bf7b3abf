/**
 * The process that the test of `create-memory.ts` kills: remembers one number after the other, each with a folder named after it, and tells each
 * on standard output once it is on disk. Must never be imported by the product.
 */
import { writeSync } from "node:fs";
import { createMemory } from "./create-memory.ts";

const [path = ""] = process.argv.slice(2);
const memory = createMemory({ path });

for (let number = 0; ; number++) {
	memory.remember({ lastNotice: number, lastFolder: `/folder-${number}/${"x".repeat(10_000)}` });
	await memory.settle();
	writeSync(1, `${number}\n`);
}
