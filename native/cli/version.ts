import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const packageSchema = z.object({ version: z.string() });

/** Version of this program, from the package.json above it. */
export function version(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
	return packageSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).version;
}
