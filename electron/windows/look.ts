/** How windows look before their page is there. */
import type { ThemePort, WindowPort } from "./ports.ts";

/** The page's own canvas colours (renderer/theme.css): any other would flash until the page has painted. */
const canvas = { light: "#f4f4f1", dark: "#131419" } as const;

/** The colour behind a page. */
export function backgroundOf(theme: Pick<ThemePort, "shouldUseDarkColors">): string {
	return theme.shouldUseDarkColors ? canvas.dark : canvas.light;
}

/** Keeps the colour behind the pages of these windows as the system's theme is. */
export function followTheme(theme: ThemePort, windows: () => readonly WindowPort[]): void {
	theme.on("updated", () => {
		for (const window of windows()) if (!window.isDestroyed()) window.setBackgroundColor(backgroundOf(theme));
	});
}
