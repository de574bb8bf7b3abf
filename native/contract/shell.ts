/** What the shell gives the page beyond HTTP, as `window.shell`; a plain browser has none. */
export interface ShellBridge {
	readonly platform: "darwin" | "win32" | "linux";
	/** Where dropped files lie, in their order; "" for one that is not on disk. Only good within the drop event. */
	pathsFor(files: readonly File[]): readonly string[];
	/** Asks the user for files; none: they thought better of it. */
	chooseFiles(kind: "files" | "folder"): Promise<readonly string[]>;
	/** Shows a file in the system's file manager. */
	revealInFolder(path: string): Promise<void>;
	closePopover(): void;
}

/** A file as browsers have it; this folder knows no browser. */
interface File {
	readonly name: string;
	readonly size: number;
}
