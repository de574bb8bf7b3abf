/** Whether the system is light or dark. */
import { EventEmitter } from "node:events";
import type { ThemePort } from "../windows/ports.ts";

/** The system's theme; light until told otherwise. */
export class FakeNativeTheme extends EventEmitter implements ThemePort {
	shouldUseDarkColors = false;

	/** Somebody changes it. */
	become(theme: "light" | "dark"): void {
		this.shouldUseDarkColors = theme === "dark";
		this.emit("updated");
	}
}
