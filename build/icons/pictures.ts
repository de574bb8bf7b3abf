/** Which icon files there are and what each shows. Owns the list; must draw nothing. */
import { icnsSizes } from "./containers.ts";

/** What the tray can say. */
export const trayStates = ["idle", "working", "yielding", "paused", "attention"] as const;
/** What the tray can say. */
export type TrayState = (typeof trayStates)[number];

/** One drawing in one size. */
export interface Picture {
	/** A symbol of the drawing. */
	readonly symbol: string;
	/** Pixels a side. */
	readonly size: number;
	readonly colours: Colours;
	/** Which part of the symbol, as SVG's viewBox says it; null is all. */
	readonly viewBox: string | null;
}

/** What a tray glyph is drawn in. */
export interface Colours {
	readonly moon: string;
	readonly badge: string;
}

/** A file below `assets/`: one picture as PNG, or several in one container. */
export interface IconFile {
	readonly path: string;
	readonly format: "png" | "ico" | "icns";
	readonly pictures: readonly Picture[];
}

const black: Colours = { moon: "#000", badge: "#000" };
const grey = "#868c9a";
const blue = "#6b7cff";
/**
 * Colours whose luminance lies between 0.21 and 0.30: with those, and only with those, the contrast is at least 3:1 both on white and on
 * the dark grey of KDE's and Windows' panels, and nobody tells us which one it is.
 */
export const trayColours: Readonly<Record<TrayState, Colours>> = {
	idle: { moon: blue, badge: blue },
	working: { moon: blue, badge: "#149f7a" },
	yielding: { moon: grey, badge: blue },
	paused: { moon: grey, badge: grey },
	attention: { moon: blue, badge: "#e8590c" },
};

/** The middle of the app's icon, without the margin that only macOS wants. */
const withoutMargin = "84 84 856 856";
/** Sizes Windows shows of a program, from lists to the largest tiles. */
const windowsAppSizes = [16, 20, 24, 32, 40, 48, 64, 128, 256];
/** Sizes of a Windows tray icon at 100, 125, 150, 200 and 300 %. */
const windowsTraySizes = [16, 20, 24, 32, 48];
/** Sizes that Linux desktops look for in a theme. */
const linuxAppSizes = [16, 24, 32, 48, 64, 128, 256, 512];

/** All icon files, in the order they are written. */
export const iconFiles: readonly IconFile[] = [
	...[1024, 512, 256].map((size) => png(`icon/${size}.png`, app(size, withoutMargin))),
	...linuxAppSizes.map((size) => png(`icon/linux/${size}x${size}.png`, app(size, withoutMargin))),
	{ path: "icon/icon.ico", format: "ico", pictures: windowsAppSizes.map((size) => app(size, withoutMargin)) },
	{ path: "icon/icon.icns", format: "icns", pictures: icnsSizes.map((size) => app(size, null)) },
	...trayStates.flatMap(trayFiles),
];

function trayFiles(state: TrayState): readonly IconFile[] {
	const name = `tray${state[0]?.toUpperCase()}${state.slice(1)}Template`;
	const coloured = trayColours[state];
	return [
		// macOS colours what ends in "Template" itself, and takes the one for fine screens by its name.
		png(`tray/darwin/${name}.png`, tray(state, 16, black)),
		png(`tray/darwin/${name}@2x.png`, tray(state, 32, black)),
		{
			path: `tray/win32/${state}.ico`,
			format: "ico",
			pictures: windowsTraySizes.map((size) => tray(state, size, coloured)),
		},
		png(`tray/linux/${state}.png`, tray(state, 24, coloured)),
		png(`tray/linux/${state}@2x.png`, tray(state, 48, coloured)),
	];
}

function png(path: string, picture: Picture): IconFile {
	return { path, format: "png", pictures: [picture] };
}

function app(size: number, viewBox: string | null): Picture {
	return { symbol: "app", size, colours: black, viewBox };
}

function tray(state: TrayState, size: number, colours: Colours): Picture {
	return { symbol: `tray-${state}`, size, colours, viewBox: null };
}
