/** Screens, which can be plugged in and out. */
import { EventEmitter } from "node:events";
import type { Point, Rectangle } from "electron";
import type { DisplayShape } from "../windows/placement.ts";
import type { ScreenPort } from "../windows/ports.ts";

/** A screen of usual size with a taskbar at its foot. */
export const usualDisplay: DisplayShape = {
	bounds: { x: 0, y: 0, width: 1_920, height: 1_080 },
	workArea: { x: 0, y: 0, width: 1_920, height: 1_032 },
};

/** The screens; the first is the primary one. */
export class FakeScreen extends EventEmitter implements ScreenPort {
	displays: readonly DisplayShape[];

	constructor(displays: readonly DisplayShape[] = [usualDisplay]) {
		super();
		this.displays = displays;
	}

	/** Screens are plugged in or out, or change their size. */
	become(displays: readonly DisplayShape[]): void {
		const [before, now] = [this.displays.length, displays.length];
		this.displays = displays;
		this.emit(now > before ? "display-added" : now < before ? "display-removed" : "display-metrics-changed");
	}

	getAllDisplays(): DisplayShape[] {
		return [...this.displays];
	}

	getPrimaryDisplay(): DisplayShape {
		const [first] = this.displays;
		if (first === undefined) throw new Error("There is no screen.");
		return first;
	}

	getDisplayMatching(bounds: Rectangle): DisplayShape {
		return this.getDisplayNearestPoint({ x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2 });
	}

	getDisplayNearestPoint(point: Point): DisplayShape {
		return this.displays.reduce(
			(nearest, display) => (distance(point, display.bounds) < distance(point, nearest.bounds) ? display : nearest),
			this.getPrimaryDisplay(),
		);
	}
}

function distance({ x, y }: Point, area: Rectangle): number {
	const across = Math.max(area.x - x, 0, x - (area.x + area.width - 1));
	const down = Math.max(area.y - y, 0, y - (area.y + area.height - 1));
	return Math.hypot(across, down);
}
