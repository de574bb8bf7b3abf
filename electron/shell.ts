/**
 * The life of the desktop app: what has to be said before Electron is ready, that there is one of us, and the rooms once it is. Must
 * never hold logic of a room; `rooms.ts` builds them.
 */
import type { Host } from "./host.ts";
import { openLog } from "./log.ts";
import { APP_USER_MODEL_ID, TOAST_ACTIVATOR_CLSID } from "./notifications/activation.ts";
import { createInbox, registerLinks } from "./open/open.ts";
import { userDataIn } from "./places.ts";
import { openRooms } from "./rooms.ts";
import { runSmoke, SMOKE_ARGUMENT } from "./smoke.ts";
import type { ImagePort } from "./tray/ports.ts";
import { shellWords } from "./words/shell.ts";

/** Starts the app. Everything up to the first `await` happens before Electron is ready, and some of it has to. */
export function startShell<Image extends ImagePort, Menu>(host: Host<Image, Menu>): void {
	const { app, dialog, process } = host;
	const isSmoke = process.argv.includes(SMOKE_ARGUMENT);
	const ownFolder = userDataIn(process.env);
	if (isSmoke && ownFolder === null) {
		process.stderr.write(`${shellWords.smokeNeedsFolder}\n`);
		app.exit(1);
		return;
	}
	if (ownFolder !== null) app.setPath("userData", ownFolder);
	if (process.platform === "win32") {
		app.setAppUserModelId(APP_USER_MODEL_ID);
		app.setToastActivatorCLSID(TOAST_ACTIVATOR_CLSID);
	}
	const start = { argv: [...process.argv], cwd: process.cwd() };
	// The other one opens what we were to open.
	if (!app.requestSingleInstanceLock(start)) {
		app.quit();
		return;
	}
	const inbox = createInbox(app, start);
	registerLinks(app);
	// Listened to, or Electron quits: the tray goes on without any window.
	app.on("window-all-closed", () => {});
	app
		.whenReady()
		.then(async () => {
			const log = openLog(app.getPath("logs"));
			log.info({ argv: process.argv }, "the shell starts");
			const rooms = openRooms(host, inbox, log);
			if (isSmoke) await seeThrough(host, rooms);
		})
		.catch((error: unknown) => {
			// Nothing of it is expected: a shell without some of its rooms would look alive and do nothing.
			const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
			process.stderr.write(`${message}\n`);
			if (!isSmoke) dialog.showErrorBox(shellWords.broken, message);
			app.exit(1);
		});
}

async function seeThrough<Image extends ImagePort, Menu>(
	{ app, process }: Host<Image, Menu>,
	rooms: ReturnType<typeof openRooms>,
): Promise<void> {
	const print = (line: string): void => void process.stdout.write(`smoke: ${line}\n`);
	await runSmoke({ ...rooms, print });
	await rooms.end();
	app.exit(0);
}
