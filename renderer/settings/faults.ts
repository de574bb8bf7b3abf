/** Which field a refusal of the service belongs to, and how it is said there. Pure. */
import type { SettingsValues } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";

/** A setting by its group and name, e.g. `limits.onBattery`. */
export type SettingPath = {
	[Group in keyof SettingsValues & string]: `${Group}.${keyof SettingsValues[Group] & string}`;
}[keyof SettingsValues & string];

/**
 * The setting that a refusal is about: that of its `param`, whose further parts say where within it; where it names none that is on
 * a screen, the one that was changed.
 */
export function faultPath(param: string | null, changed: SettingPath, shown: ReadonlySet<string>): string {
	// `endpoint.allowedOrigins[1]` and `webhooks.endpoints.0.url` are both about the setting that begins them.
	const named = /^\w+\.\w+/.exec(param ?? "")?.[0] ?? "";
	return shown.has(named) ? named : changed;
}

/**
 * The service's refusal in the words of the screen: without the setting's name in the file, which the field says already, and with bounds
 * in the unit that is shown. What it does not know stays as the service said it.
 */
export function faultWords(message: string, perUnit = 1): string {
	const said = message.replace(/^Invalid value for '[^']*': /, "");
	const bound =
		/^Too (?:big|small): expected (number|int|array|string) to (?:be|have) (<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)/.exec(said);
	const [, kind = "", relation = "", limit = ""] = bound ?? [];
	const text = words.settings.bounds;
	if (bound !== null && (kind === "number" || kind === "int")) {
		return text[relationOf(relation)](new Intl.NumberFormat().format(Number(limit) / perUnit));
	}
	if (/^Invalid input: expected int/.test(said)) return text.whole;
	return said.replaceAll(/\bquietMs\b/g, `“${words.settings.requests.quiet}”`);
}

function relationOf(sign: string): "atMost" | "atLeast" | "below" | "above" {
	switch (sign) {
		case "<=":
			return "atMost";
		case ">=":
			return "atLeast";
		case "<":
			return "below";
		default:
			return "above";
	}
}
