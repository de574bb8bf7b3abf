/** Where the tray's pictures lie. Pure. */
import { join } from "node:path";
import type { Platform } from "../base/base.ts";
import type { TrayIconName } from "./look.ts";

/**
 * The picture of a state. macOS takes `Template` at a name's end for a mask it colours itself, so the names must stay as they are;
 * it and Linux find the `@2x` beside. Windows picks the size out of the `.ico`.
 */
export function trayIconPath(assetsDir: string, platform: Platform, icon: TrayIconName): string {
	const folder = join(assetsDir, "tray", platform);
	switch (platform) {
		case "darwin":
			return join(folder, `tray${icon.charAt(0).toUpperCase()}${icon.slice(1)}Template.png`);
		case "win32":
			return join(folder, `${icon}.ico`);
		case "linux":
			return join(folder, `${icon}.png`);
		default:
			return platform satisfies never;
	}
}
