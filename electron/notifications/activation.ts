/** Clicks on notifications that Windows tells of by themselves, also when they started the program. Pure. */
import type { ActivationArguments } from "electron";
import { hashOf } from "./card.ts";

/**
 * The COM class Windows starts for a click in its notification centre. Fixed for ever: without it Electron makes a new one each run,
 * and clicks on what an earlier run has shown lead nowhere. The installer writes none into its shortcut.
 */
export const TOAST_ACTIVATOR_CLSID = "{6E2C5F0B-7A3D-4C61-9B0E-2D9A4C8F1B57}";

/** Name of the program to Windows, the same as the installer's `appId`: without it no notification is shown at all. */
export const APP_USER_MODEL_ID = "app.nightshift.desktop";

/**
 * Where an activation leads. Electron writes its arguments as `name=value` pairs joined by `&`, but documents no name; where one of the
 * values is a tag of ours it leads there, else to null: nothing is known of which notification it was.
 */
export function hashOfActivation({ arguments: text }: Pick<ActivationArguments, "arguments">): string | null {
	for (const value of new URLSearchParams(text).values()) {
		if (/^(?:report|summary|batch:[\w-]{1,128})$/.test(value)) return hashOf(value);
	}
	return null;
}
