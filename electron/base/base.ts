/**
 * Helpers with no domain: what differs between systems, listeners, limits of time, files. Owns nothing that knows of the service or of
 * Electron's objects, and must never import another room.
 */
import type { ShellBridge } from "../../native/contract/contract.ts";

export { replaceFile } from "./files.ts";
export { createListeners, type Listeners } from "./listeners.ts";

/** The systems there are, as Node names them. */
export type Platform = ShellBridge["platform"];

/** The system the program takes this one for: others run the Linux build. */
export function platformOf(platform: NodeJS.Platform): Platform {
	return platform === "darwin" || platform === "win32" ? platform : "linux";
}

/** An event of Electron that can be called off, or taken off the system's hands. */
export interface Preventable {
	preventDefault(): void;
}

/** A text as JSON; null also where it is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}

/** Whether something comes to its end within a time; rejects where it does in that time. */
export async function endsWithin(what: Promise<unknown>, limitMs: number): Promise<boolean> {
	const late = Promise.withResolvers<false>();
	const timer = setTimeout(() => late.resolve(false), limitMs);
	try {
		return await Promise.race([what.then(() => true), late.promise]);
	} finally {
		clearTimeout(timer);
	}
}
