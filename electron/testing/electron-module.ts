/**
 * The module `electron` for a run of the compiled entry in plain Node (`replace-electron.ts` puts it there). Its parent is the user: it
 * says by messages what is clicked and opened, and is told what is seen.
 */
import { z } from "zod";
import { createFakeElectron } from "./fake-electron.ts";
import { type Deed, deedSchema, type Seen } from "./user.ts";

const optionsSchema = z.object({
	isPackaged: z.boolean(),
	version: z.string(),
	paths: z.record(z.string(), z.string()),
	isSecond: z.boolean().default(false),
});

const fake = createFakeElectron(optionsSchema.parse(JSON.parse(process.env.TEST_ELECTRON ?? "")));

export const {
	app,
	BrowserWindow,
	dialog,
	ipcMain,
	Menu,
	Notification,
	nativeImage,
	nativeTheme,
	powerMonitor,
	powerSaveBlocker,
	screen,
	session,
	shell,
	Tray,
} = fake;
/** In the place of electron-updater's. */
export const { autoUpdater } = fake;
export default { autoUpdater };

app.on("quit", (_event, exitCode: number) => process.exit(exitCode));
process.on("message", (message) => {
	const { id, deed } = z.object({ id: z.int(), deed: deedSchema }).parse(message);
	try {
		doIt(deed);
		process.send?.({ id, seen: look() });
	} catch (error) {
		process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
	}
});

function doIt(deed: Deed): void {
	const [tray] = fake.trays;
	switch (deed.kind) {
		case "look":
			break;
		case "become-ready":
			app.becomeReady();
			break;
		case "open-file":
			app.openFile(deed.path);
			break;
		case "start-again":
			app.startAgain({ argv: ["nightshift", ...deed.argv], cwd: "/" });
			break;
		case "choose":
			tray?.contextMenu?.choose(deed.label);
			break;
		case "click-notification":
			fake.notified.click(deed.title);
			break;
		case "press":
			dialog.question.press(deed.button);
			break;
		case "offer-update":
			autoUpdater.server.latest = deed.version;
			break;
		case "finish-download":
			autoUpdater.finishDownload();
			break;
		case "quit":
			app.quit();
			break;
		case "shut-down":
			powerMonitor.shutDown();
			break;
		default:
			deed satisfies never;
	}
}

function look(): Seen {
	const [tray] = fake.trays;
	return {
		phase: app.phase,
		tooltip: tray?.tooltip ?? "",
		tooltips: [...(tray?.tooltips ?? [])],
		icon: tray?.image.path ?? "",
		menu: [...(tray?.contextMenu?.labels ?? [])],
		notifications: fake.notified.standing.map(({ title = "", body = "" }) => ({ title, body })),
		windows: fake.desk.windows.map((window) => ({ address: window.address, isVisible: window.isVisible() })),
		questions: dialog.open.map(({ options }) => ("message" in options ? (options.message ?? "") : "")),
		keptAwake: [...powerSaveBlocker.held],
		updates: { checks: autoUpdater.checks, installed: autoUpdater.installed },
	};
}
