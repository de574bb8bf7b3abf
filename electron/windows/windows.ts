/**
 * The windows of the program: the large one, and the small one at the tray. Owns that they share their sign-in and their guards; must
 * never know anything of batches. What they show is the service's page.
 */
import type { Answer } from "../service/link.ts";
import { createMainWindow, type MainWindow, type MainWindowDeps } from "./main-window.ts";
import { screenOf } from "./page-address.ts";
import { createPopover, type Popover } from "./popover.ts";
import type { WindowPort } from "./ports.ts";
import { type CookieFetch, createPageAddress } from "./sign-in.ts";

/** What the windows need. */
export interface WindowsDeps extends Omit<MainWindowDeps, "pageAddress"> {
	/** The session all windows use. */
	readonly session: CookieFetch;
	/** Address of the page with a new one-time code, e.g. `http://127.0.0.1:22007/#code=…`. */
	readonly codeAddress: () => Promise<Answer<string>>;
}

/** The windows. */
export interface Windows {
	readonly main: MainWindow;
	readonly popover: Popover;
	/** The window with these contents; null: there is none any more. */
	windowOf(contentsId: number): WindowPort | null;
	/** The window to put a dialog before that nobody asked for from a window; null: none is in sight. */
	readonly inFront: WindowPort | null;
	/** Screen of the page that has the focus, e.g. `#/jobs/batch_1`; null: none of ours has it. */
	readonly seenHash: string | null;
	/** Ends them, for the program quits. */
	end(): void;
	/** Nothing came of that: they can be opened again. */
	beginAgain(): void;
}

/** Makes them. The popover loads its page at once, unseen; the large window is made when it is opened. */
export function createWindows({ session, codeAddress, ...deps }: WindowsDeps): Windows {
	const shared = { ...deps, pageAddress: createPageAddress({ service: deps.service, session, codeAddress }) };
	const popover = createPopover(shared);
	const main = createMainWindow(shared);
	const all = () => [main.window, popover.window].filter((window) => window !== null);
	return {
		main,
		popover,
		windowOf: (contentsId) => all().find(({ webContents }) => webContents.id === contentsId) ?? null,
		get inFront() {
			return all().find((window) => window.isVisible() && !window.isMinimized()) ?? null;
		},
		get seenHash() {
			const seen = all().find((window) => window.isVisible() && window.isFocused());
			return seen === undefined ? null : screenOf(seen.webContents.getURL());
		},
		end() {
			main.end();
			popover.end();
		},
		beginAgain: () => popover.beginAgain(),
	};
}
