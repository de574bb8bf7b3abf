/** Loaded before the compiled entry (`node --import`): puts the fake in the place of `electron` and of `electron-updater`. */
import { registerHooks } from "node:module";

// Electron started from a package has no script among its arguments.
process.argv.splice(1, 1);

const module = new URL("electron-module.js", import.meta.url).href;

registerHooks({
	resolve: (specifier, context, next) =>
		specifier === "electron" || specifier === "electron-updater"
			? { url: module, format: "module", shortCircuit: true }
			: next(specifier, context),
});
