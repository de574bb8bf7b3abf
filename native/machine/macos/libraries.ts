/** Where macOS' own libraries are. They are in no file since macOS 11, but are found by these paths. */

/** Paths of the libraries that the files here take functions from. */
export interface MacosLibraries {
	readonly coreFoundation: string;
	readonly coreGraphics: string;
	readonly ioKit: string;
	/** C's own functions, Mach, libproc and notify. */
	readonly system: string;
}

/** The system's. */
export function systemLibraries(): MacosLibraries {
	const framework = (name: string) => `/System/Library/Frameworks/${name}.framework/${name}`;
	return {
		coreFoundation: framework("CoreFoundation"),
		coreGraphics: framework("CoreGraphics"),
		ioKit: framework("IOKit"),
		system: "/usr/lib/libSystem.B.dylib",
	};
}
