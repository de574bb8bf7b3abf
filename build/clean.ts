/** Empties dist/ before a build: the compiler never deletes what it wrote for sources that are gone. */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

rmSync(fileURLToPath(new URL("../dist", import.meta.url)), { recursive: true, force: true });
