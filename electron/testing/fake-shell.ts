/** The desktop around: the browser, the file manager. Keeps what was opened in them. */
import type { ExternalPort } from "../security/ports.ts";

/** Stands for Electron's `shell`. */
export class FakeShell implements ExternalPort {
	/** Addresses that were opened in the browser, in order. */
	readonly visited: string[] = [];
	/** Files and folders that were opened with whatever opens them. */
	readonly opened: string[] = [];
	/** Files that were shown in the file manager. */
	readonly revealed: string[] = [];
	/** Nothing is set up that opens anything. */
	isBroken = false;

	async openExternal(address: string): Promise<void> {
		if (this.isBroken) throw new Error("Failed to open URL");
		this.visited.push(address);
	}

	/** Answers an empty text, or what went wrong. */
	async openPath(path: string): Promise<string> {
		if (this.isBroken) return "Failed to open path";
		this.opened.push(path);
		return "";
	}

	showItemInFolder(path: string): void {
		this.revealed.push(path);
	}
}
