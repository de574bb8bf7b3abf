/**
 * Where windows go, as plain arithmetic in the screen's own units (which are pixels divided by the scale factor). Pure. All points
 * that come out are whole numbers, for nothing else can be set on a window.
 */
import type { Point, Rectangle, Size } from "electron";

/** A screen, as far as placing needs it; Electron's `Display` is one. */
export interface DisplayShape {
	readonly bounds: Rectangle;
	/** `bounds` without taskbars, docks and menu bars. */
	readonly workArea: Rectangle;
}

/** The edge of a screen that a tray sits on. */
type Edge = "top" | "bottom" | "left" | "right";

/** Room between the popover and the bar it belongs to, and the ends of the screen: it shall look attached to neither. */
const GAP = 8;

/**
 * Where a popover of this size goes: beside the tray icon, centred on it, wholly inside the work area where it fits. Without an icon
 * to go by (`trayBounds` null or without size, as of an icon in a drawer that is closed) into the corner where trays are.
 */
export function place(trayBounds: Rectangle | null, display: DisplayShape, size: Size): Point {
	const { workArea } = display;
	const anchor = trayBounds !== null && trayBounds.width > 0 && trayBounds.height > 0 ? trayBounds : null;
	const edge = anchor === null ? emptyEdge(display) : edgeOf(anchor, display);
	const along = anchor ?? cornerAnchor(workArea);
	const centred = {
		x: along.x + along.width / 2 - size.width / 2,
		y: along.y + along.height / 2 - size.height / 2,
	};
	return clamp(beside(edge, centred, workArea, size), workArea, size);
}

function beside(edge: Edge, centred: Point, area: Rectangle, size: Size): Point {
	switch (edge) {
		case "top":
			return { x: centred.x, y: area.y + GAP };
		case "bottom":
			return { x: centred.x, y: area.y + area.height - size.height - GAP };
		case "left":
			return { x: area.x + GAP, y: centred.y };
		case "right":
			return { x: area.x + area.width - size.width - GAP, y: centred.y };
		default:
			return edge satisfies never;
	}
}

/**
 * The edge an icon sits on: the side on which it lies outside the work area. A bar that hides itself leaves the work area whole;
 * then the nearest edge of the screen.
 */
export function edgeOf(anchor: Rectangle, { bounds, workArea }: DisplayShape): Edge {
	const middle = { x: anchor.x + anchor.width / 2, y: anchor.y + anchor.height / 2 };
	if (middle.y < workArea.y) return "top";
	if (middle.y >= workArea.y + workArea.height) return "bottom";
	if (middle.x < workArea.x) return "left";
	if (middle.x >= workArea.x + workArea.width) return "right";
	const distances: readonly (readonly [Edge, number])[] = [
		["top", middle.y - bounds.y],
		["bottom", bounds.y + bounds.height - middle.y],
		["left", middle.x - bounds.x],
		["right", bounds.x + bounds.width - middle.x],
	];
	return distances.reduce((nearest, candidate) => (candidate[1] < nearest[1] ? candidate : nearest))[0];
}

/** With no icon to go by: where there is a bar, and at the bottom where none can be told. */
function emptyEdge({ bounds, workArea }: DisplayShape): Edge {
	const bottom = bounds.y + bounds.height - (workArea.y + workArea.height);
	if (bottom > 0) return "bottom";
	if (workArea.x > bounds.x) return "left";
	if (workArea.x + workArea.width < bounds.x + bounds.width) return "right";
	return workArea.y > bounds.y ? "top" : "bottom";
}

/** Trays are at the end of their bar. */
function cornerAnchor(area: Rectangle): Rectangle {
	return { x: area.x + area.width, y: area.y + area.height, width: 0, height: 0 };
}

/** The nearest point at which all of it is inside; what is too large keeps its beginning inside. */
function clamp(point: Point, area: Rectangle, size: Size): Point {
	return {
		x: clampAlong(point.x, area.x, area.width, size.width),
		y: clampAlong(point.y, area.y, area.height, size.height),
	};
}

function clampAlong(at: number, start: number, length: number, size: number): number {
	// Work areas of odd scale factors are no whole numbers: inward, or a row of pixels is outside.
	const least = Math.ceil(start);
	const most = Math.floor(start + length - size);
	return Math.max(least, Math.min(Math.round(at), most));
}

/** As much of a size as there is room for. */
export function fitSize(size: Size, workArea: Rectangle): Size {
	return {
		width: Math.min(size.width, Math.max(1, Math.floor(workArea.width) - 2 * GAP)),
		height: Math.min(size.height, Math.max(1, Math.floor(workArea.height) - 2 * GAP)),
	};
}

/** So much of a window's upper edge has to be on a screen: by that one takes hold of it. */
const GRIP: Size = { width: 120, height: 32 };

/**
 * Where a window that was remembered goes now: as it was, if it can be taken hold of on one of these screens, else in the middle of
 * the first. Never larger than the screen it is on.
 */
export function restorePlace(remembered: Rectangle | null, size: Size, displays: readonly DisplayShape[]): Rectangle {
	if (remembered !== null) {
		for (const { workArea } of displays) {
			// Made smaller first: what can be taken hold of now may lie in the part that goes.
			const smaller = {
				x: remembered.x,
				y: remembered.y,
				width: Math.min(remembered.width, Math.floor(workArea.width)),
				height: Math.min(remembered.height, Math.floor(workArea.height)),
			};
			if (canBeHeld(smaller, workArea)) return smaller;
		}
	}
	const [first] = displays;
	if (first === undefined) return { x: 0, y: 0, ...size };
	const wanted = remembered ?? size;
	const fitted = fitSize({ width: wanted.width, height: wanted.height }, first.workArea);
	const { x, y, width, height } = first.workArea;
	return {
		x: Math.round(x + (width - fitted.width) / 2),
		y: Math.round(y + (height - fitted.height) / 2),
		...fitted,
	};
}

function canBeHeld(window: Rectangle, area: Rectangle): boolean {
	const width = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
	const isTopInside = window.y >= area.y && window.y + GRIP.height <= area.y + area.height;
	return isTopInside && width >= Math.min(GRIP.width, window.width);
}
