/**
 * Gives our pages `window.shell`. Runs in a sandbox beside the page: one CommonJS file that may require nothing but electron. Owns
 * names and shapes; must never hand the page anything it could send by itself, nor an event.
 */
import type { Channel } from "./bridge/channels.ts" with { "resolution-mode": "import" };
import type { ShellBridge } from "../native/contract/contract.ts" with { "resolution-mode": "import" };

const { contextBridge, ipcRenderer, webUtils }: typeof import("electron") = require("electron");

/** The systems there are; others run the Linux build. */
function platformNow(): ShellBridge["platform"] {
	return process.platform === "darwin" || process.platform === "win32" ? process.platform : "linux";
}

contextBridge.exposeInMainWorld("shell", {
	platform: platformNow(),
	// The page's own files go over the bridge as they are; only here can be told where they lie.
	pathsFor: (files: readonly File[]) => files.map((file) => webUtils.getPathForFile(file)),
	chooseFiles: (kind) => ipcRenderer.invoke("nightshift:choose-files" satisfies Channel, kind),
	revealInFolder: (path) => ipcRenderer.invoke("nightshift:reveal-in-folder" satisfies Channel, path),
	closePopover: () => ipcRenderer.send("nightshift:close-popover" satisfies Channel),
} satisfies ShellBridge);
