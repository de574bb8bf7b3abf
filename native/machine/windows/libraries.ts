/** Where Windows' own libraries are. */
import { join } from "node:path";

/** Paths of the libraries that the files here take functions from. */
export interface WindowsLibraries {
	readonly kernel32: string;
	readonly user32: string;
	readonly shell32: string;
	readonly wtsapi32: string;
	readonly gdi32: string;
	readonly pdh: string;
}

/** With their folder: a bare name is looked for in folders first that may be anybody's. */
export function systemLibraries(): WindowsLibraries {
	const at = (file: string) => join(process.env.SystemRoot ?? "C:\\Windows", "System32", file);
	return {
		kernel32: at("kernel32.dll"),
		user32: at("user32.dll"),
		shell32: at("shell32.dll"),
		wtsapi32: at("wtsapi32.dll"),
		gdi32: at("gdi32.dll"),
		pdh: at("pdh.dll"),
	};
}
