/**
 * A folder that looks like Electron's distribution for Linux, for packing where Electron can't be fetched. Its `electron` is the Node
 * that runs this, with Electron's fuses appended: enough for electron-builder to pack, for fuses to be set and read, and for the packed
 * service to run. It opens no window, and must never be given to anybody.
 */
import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPackage } from "@electron/asar";
import { FuseState, SENTINEL } from "@electron/fuses/dist/constants.js";

/** Fuses in Electron 45's wire: as many as `@electron/fuses` 1.8 has names for. */
const FUSE_COUNT = 8;
/** The wire's version, of which there is one. */
const FUSE_WIRE_VERSION = 1;

/** Languages of the real one that are asked for, and one that is not, to see it removed. */
const locales = ["en-GB", "en-US", "de"];

/** Writes the distribution of an Electron of that version into an empty or absent folder. */
export async function writeStandInElectron(folder: string, version: string): Promise<void> {
	await mkdir(join(folder, "locales"), { recursive: true });
	await mkdir(join(folder, "resources"), { recursive: true });
	await writeExecutable(join(folder, "electron"));
	await writeFile(join(folder, "version"), version);
	await writeFile(join(folder, "LICENSE"), "Stands in for Electron's licence.\n");
	await writeFile(join(folder, "LICENSES.chromium.html"), "<p>Stands in for Chromium's licences.</p>\n");
	for (const locale of locales) await writeFile(join(folder, "locales", `${locale}.pak`), "");
	await writeDefaultApp(folder);
}

/** Node, and after its end the wire with every fuse blown open as Electron ships it: on. */
async function writeExecutable(path: string): Promise<void> {
	await copyFile(process.execPath, path);
	const wire = [FUSE_WIRE_VERSION, FUSE_COUNT, ...Array<number>(FUSE_COUNT).fill(FuseState.ENABLE)];
	await writeFile(path, Buffer.concat([Buffer.from(SENTINEL), Buffer.from(wire)]), { flag: "a" });
	await chmod(path, 0o755);
}

/** The app that Electron shows when it has none; packing takes it away. */
async function writeDefaultApp(folder: string): Promise<void> {
	const source = join(folder, "default_app");
	await mkdir(source, { recursive: true });
	await writeFile(join(source, "package.json"), '{ "name": "electron", "main": "main.js" }\n');
	await writeFile(join(source, "main.js"), "");
	await createPackage(source, join(folder, "resources", "default_app.asar"));
	await rm(source, { recursive: true });
}
