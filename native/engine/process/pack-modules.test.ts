import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const hook = join(import.meta.dirname, "pack-modules.ts");
let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-modules-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A package as node-llama-cpp's are made: an entry that is named by `exports` alone, and that knows where it lies. */
function lay(place: string, name: string, greeting: string): string {
	const home = join(folder, place);
	mkdirSync(join(home, "dist"), { recursive: true });
	const exports = { ".": { import: "./dist/entry.js" } };
	writeFileSync(join(home, "package.json"), JSON.stringify({ name, version: "1.0.0", type: "module", exports }));
	writeFileSync(join(home, "dist", "entry.js"), `export const greeting = "${greeting} in " + import.meta.dirname;`);
	return home;
}

/** What a process prints that has the hook and imports a package from where node-llama-cpp would. */
function importIn(modules: readonly object[], name: string): string {
	const script = join(folder, "program", "main.mjs");
	mkdirSync(join(folder, "program"), { recursive: true });
	writeFileSync(
		script,
		`import { bindPackModules } from ${JSON.stringify(hook)};
		bindPackModules(${JSON.stringify(modules)});
		const found = await import(${JSON.stringify(name)}).catch((error) => ({ greeting: error.code }));
		console.log(found.greeting);`,
	);
	return execFileSync(process.execPath, [script], { encoding: "utf8" }).trim();
}

test("a package outside the program is imported by its name, through what its package.json exports", () => {
	const home = lay("packs/cuda@1 ä", "@node-llama-cpp/linux-x64-cuda", "pack");
	const modules = [{ name: "@node-llama-cpp/linux-x64-cuda", folder: home }];
	expect(importIn(modules, "@node-llama-cpp/linux-x64-cuda")).toBe(`pack in ${join(home, "dist")}`);
	expect(importIn([], "@node-llama-cpp/linux-x64-cuda")).toBe("ERR_MODULE_NOT_FOUND");
});

test("the pack comes before a package of the program, other names are found as ever, and a pack that is gone is not found", () => {
	const own = lay("program/node_modules/@node-llama-cpp/linux-x64-cuda", "@node-llama-cpp/linux-x64-cuda", "own");
	const other = lay("program/node_modules/other", "other", "other");
	const home = lay("packs/cuda", "@node-llama-cpp/linux-x64-cuda", "pack");
	const modules = [{ name: "@node-llama-cpp/linux-x64-cuda", folder: home }];
	expect(importIn(modules, "@node-llama-cpp/linux-x64-cuda")).toBe(`pack in ${join(home, "dist")}`);
	expect(importIn([], "@node-llama-cpp/linux-x64-cuda")).toBe(`own in ${join(own, "dist")}`);
	expect(importIn(modules, "other")).toBe(`other in ${join(other, "dist")}`);
	rmSync(home, { recursive: true });
	expect(importIn(modules, "@node-llama-cpp/linux-x64-cuda")).not.toContain("pack");
});
