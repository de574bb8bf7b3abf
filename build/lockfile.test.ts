import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

/** What `npm ci` of any version since 10 needs of the lockfile, and a regenerated one easily loses (build/README.md). */
const lockSchema = z.object({
	packages: z.record(
		z.string(),
		z.object({
			gypfile: z.boolean().optional(),
			resolved: z.string().optional(),
			optionalDependencies: z.record(z.string(), z.string()).optional(),
		}),
	),
});
const { packages } = lockSchema.parse(
	JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8")),
);

test("npm 10 is told not to compile better-sqlite3, which brings its binaries", () => {
	expect(packages["node_modules/better-sqlite3"]?.gypfile).toBe(false);
});

test("every optional platform package is listed, or npm ci refuses the file", () => {
	const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
	const missing = wanted.filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
	expect(missing).toEqual([]);
});

test("no registry is written down: each user's own is asked", () => {
	expect(Object.values(packages).filter((entry) => entry.resolved !== undefined)).toEqual([]);
});
