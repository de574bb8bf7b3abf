/** What the page asks of the program around it: Electron's window if there is one, else a plain browser. */
import type { ShellBridge } from "../native/contract/contract.ts";

declare global {
	interface Window {
		/** Put there by the shell's preload script. */
		readonly shell?: ShellBridge;
	}
}

/** The bridge; null in a browser. */
export const shell: ShellBridge | null = window.shell ?? null;

/** The page is in the tray's popover. */
export const isPopover = new URLSearchParams(location.search).has("popover");
