/**
 * A program of its own for `updates/real-updater.test.ts`: our updates over electron-updater's real AppImage updater. Its parent says by
 * messages what the user and the service do, and hears how the update goes. What Electron would do at the end, it does itself: it exits.
 *
 * Environment: `APPIMAGE` (the file to replace), `TEST_RESOURCES` (a folder with `app-update.yml`, as packaging makes it),
 * `XDG_CACHE_HOME` (an empty folder).
 */
import { registerHooks } from "node:module";
import { z } from "zod";
import { createQuit } from "../quit/quit.ts";
import { createUpdates } from "../updates/updates.ts";
import { app } from "./electron-stand-in.ts";
import { createFakeLink } from "./fake-link.ts";
import { createFakeLog } from "./fake-log.ts";
import { createFakeMemory } from "./fake-memory.ts";
import { batchesOf, machineOn, sampleBatch, settingsWith, up } from "./sample-state.ts";

const standIn = new URL("electron-stand-in.ts", import.meta.url).href;
// Electron itself does just this; the package asks for it only once it needs it.
registerHooks({
	resolve: (specifier, context, next) =>
		specifier === "electron"
			? { url: standIn, format: "module-typescript", shortCircuit: true }
			: next(specifier, context),
});
const { AppImageUpdater } = await import("electron-updater").then((loaded) => loaded.default);

const environmentSchema = z.object({ TEST_RESOURCES: z.string(), APPIMAGE: z.string() });
const environment = environmentSchema.parse(process.env);
const messageSchema = z.enum(["check", "arm", "restart", "work", "rest"]);

Object.defineProperty(process, "resourcesPath", { value: environment.TEST_RESOURCES });
app.becomeReady();
app.on("quit", (_event, exitCode: number) => process.exit(exitCode));
const link = createFakeLink({ service: up, settings: settingsWith() });
const dialog = { showMessageBox: async () => ({ response: 2, checkboxChecked: false }) };
const stopService = async () => tell("service stopped");
const quit = createQuit({
	...{ app, link, dialog, stopService },
	memory: createFakeMemory(),
	toBackground() {},
	log: createFakeLog(),
});
const updates = createUpdates({
	loadUpdater() {
		const updater = new AppImageUpdater();
		updater.logger = null;
		return updater;
	},
	installation: {
		platform: "linux",
		isPackaged: true,
		environment: { APPIMAGE: environment.APPIMAGE },
		execPath: process.execPath,
		packageType: null,
	},
	link,
	dialog,
	quit,
	startService: () => tell("service started"),
	random: Math.random,
	log: { warn: (_details, message) => tell(message) },
});

function tell(line: string): void {
	process.send?.(line);
}

updates.watch(() => tell(updates.view.line ?? ""));
process.on("message", (message) => {
	const wish = messageSchema.parse(message);
	switch (wish) {
		case "work":
			return link.become({ batches: batchesOf(sampleBatch("a")), machine: machineOn("run") });
		case "rest":
			return link.become({ batches: new Map() });
		case "check":
		case "arm":
		case "restart":
			return void updates.act(wish);
		default:
			return wish satisfies never;
	}
});
tell("started");
