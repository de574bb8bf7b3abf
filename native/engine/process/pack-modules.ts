/**
 * Lets node-llama-cpp find packages that lie outside the program. It imports its binaries by name (`import("@node-llama-cpp/…")` in its
 * dist/bindings/utils/compileLLamaCpp.js, `getPrebuiltBinariesPackageDirectoryForBuildOptions`) and takes no folder for them; an installed
 * program is not written to; and NODE_PATH means nothing to `import`. What is left is Node's own hook for resolving names
 * (https://nodejs.org/api/module.html#moduleregisterhooksoptions, in Node since 22.15, so in Electron's too). In this process only.
 */
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PackModule } from "./protocol.ts";

/** From now on these names lead to these folders, whether the program has packages of these names or not. */
export function bindPackModules(modules: readonly PackModule[]): void {
	if (modules.length === 0) return;
	const folders = new Map(modules.map(({ name, folder }) => [name, folder]));
	registerHooks({
		resolve(specifier, context, nextResolve) {
			const folder = folders.get(specifier);
			if (folder === undefined) return nextResolve(specifier, context);
			// A package may import itself by its name, so asked from inside the folder Node reads the entry out of package.json.
			const parentURL = pathToFileURL(join(folder, "package.json")).href;
			return nextResolve(specifier, { ...context, parentURL });
		},
	});
}
