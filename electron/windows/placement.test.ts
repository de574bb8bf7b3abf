import type { Rectangle, Size } from "electron";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type DisplayShape, edgeOf, fitSize, place, restorePlace } from "./placement.ts";

const size: Size = { width: 380, height: 600 };
const full: Rectangle = { x: 0, y: 0, width: 1920, height: 1080 };

function contains(outer: Rectangle, inner: Rectangle): boolean {
	return (
		inner.x >= outer.x &&
		inner.y >= outer.y &&
		inner.x + inner.width <= outer.x + outer.width &&
		inner.y + inner.height <= outer.y + outer.height
	);
}

describe("the popover stands beside its icon", () => {
	test.each([
		{
			side: "a taskbar at the bottom",
			workArea: { x: 0, y: 0, width: 1920, height: 1032 },
			tray: { x: 1600, y: 1040, width: 24, height: 32 },
			at: { x: 1422, y: 424 },
		},
		{
			side: "a menu bar at the top",
			workArea: { x: 0, y: 25, width: 1920, height: 1055 },
			tray: { x: 1200, y: 0, width: 28, height: 24 },
			at: { x: 1024, y: 33 },
		},
		{
			side: "a taskbar at the left",
			workArea: { x: 62, y: 0, width: 1858, height: 1080 },
			tray: { x: 16, y: 700, width: 24, height: 24 },
			at: { x: 70, y: 412 },
		},
		{
			side: "a taskbar at the right",
			workArea: { x: 0, y: 0, width: 1858, height: 1080 },
			tray: { x: 1876, y: 700, width: 24, height: 24 },
			at: { x: 1470, y: 412 },
		},
	])("with $side", ({ workArea, tray, at }) => {
		expect(place(tray, { bounds: full, workArea }, size)).toEqual(at);
	});

	it("and is pushed in where the icon is near a corner", () => {
		const workArea = { x: 0, y: 0, width: 1920, height: 1032 };
		expect(place({ x: 1890, y: 1040, width: 24, height: 32 }, { bounds: full, workArea }, size).x).toBe(1920 - 380);
	});

	it("on a second screen to the left, whose points are negative", () => {
		const bounds = { x: -2560, y: -360, width: 2560, height: 1440 };
		const workArea = { ...bounds, height: 1400 };
		const at = place({ x: -400, y: 1045, width: 24, height: 30 }, { bounds, workArea }, size);
		expect(at).toEqual({ x: -578, y: 432 });
		expect(contains(workArea, { ...at, ...size })).toBe(true);
	});

	it("on a screen above the first", () => {
		const bounds = { x: 0, y: -1080, width: 1920, height: 1080 };
		const workArea = { ...bounds, y: -1055, height: 1055 };
		expect(place({ x: 900, y: -1080, width: 24, height: 25 }, { bounds, workArea }, size)).toEqual({
			x: 722,
			y: -1047,
		});
	});

	it("with a bar that hides itself, at the edge that is nearest", () => {
		const display: DisplayShape = { bounds: full, workArea: full };
		expect(edgeOf({ x: 1800, y: 1050, width: 24, height: 24 }, display)).toBe("bottom");
		expect(edgeOf({ x: 3, y: 500, width: 24, height: 24 }, display)).toBe("left");
		expect(edgeOf({ x: 1896, y: 500, width: 24, height: 24 }, display)).toBe("right");
		expect(edgeOf({ x: 900, y: 0, width: 24, height: 24 }, display)).toBe("top");
	});

	it.each([null, { x: 0, y: 0, width: 0, height: 0 }])(
		"in the corner of trays when nobody knows where the icon is (%o)",
		(tray) => {
			const workArea = { x: 0, y: 0, width: 1920, height: 1032 };
			expect(place(tray, { bounds: full, workArea }, size)).toEqual({ x: 1540, y: 424 });
		},
	);

	it("in whole numbers where the scale factor makes fractions", () => {
		// 1920x1080 at 175 %: 1097.14 x 617.14 points.
		const bounds = { x: 0, y: 0, width: 1097.14, height: 617.14 };
		const workArea = { ...bounds, height: 589.71 };
		const at = place(
			{ x: 1000.57, y: 590.3, width: 13.7, height: 13.7 },
			{ bounds, workArea },
			{ width: 380, height: 500 },
		);
		expect([at.x, at.y].every(Number.isInteger)).toBe(true);
		expect(contains(workArea, { ...at, width: 380, height: 500 })).toBe(true);
	});
});

describe("whatever the screens are", () => {
	const coordinate = fc.double({ min: -10_000, max: 10_000, noNaN: true });
	const inset = fc.double({ min: 0, max: 120, noNaN: true });
	const display = fc
		.record({
			x: coordinate,
			y: coordinate,
			width: fc.double({ min: 500, max: 8_000, noNaN: true }),
			height: fc.double({ min: 400, max: 5_000, noNaN: true }),
			insets: fc.record({ top: inset, bottom: inset, left: inset, right: inset }),
		})
		.map(
			({ insets: { top, bottom, left, right }, ...bounds }): DisplayShape => ({
				bounds,
				workArea: {
					x: bounds.x + left,
					y: bounds.y + top,
					width: bounds.width - left - right,
					height: bounds.height - top - bottom,
				},
			}),
		);
	const tray = fc.option(
		fc.record({
			x: coordinate,
			y: coordinate,
			width: fc.double({ min: 0, max: 64, noNaN: true }),
			height: fc.double({ min: 0, max: 64, noNaN: true }),
		}),
	);
	const sizes = fc.record({ width: fc.integer({ min: 1, max: 2_000 }), height: fc.integer({ min: 1, max: 2_000 }) });

	it("all of what fits is inside the work area, at a whole point", () => {
		fc.assert(
			fc.property(tray, display, sizes, (anchor, screen, wanted) => {
				const { workArea } = screen;
				// A rectangle of whole points that is as wide as an area of fractions fits nowhere in it.
				fc.pre(wanted.width + 1 <= workArea.width && wanted.height + 1 <= workArea.height);
				const at = place(anchor, screen, wanted);
				expect(Number.isInteger(at.x) && Number.isInteger(at.y)).toBe(true);
				expect(contains(workArea, { ...at, ...wanted })).toBe(true);
			}),
			{ numRuns: 2_000 },
		);
	});

	it("a fitted size fits, and what is larger than the area begins inside it", () => {
		fc.assert(
			fc.property(tray, display, sizes, (anchor, screen, wanted) => {
				const fitted = fitSize(wanted, screen.workArea);
				expect(contains(screen.workArea, { ...place(anchor, screen, fitted), ...fitted })).toBe(true);
				const at = place(anchor, screen, { width: 20_000, height: 20_000 });
				expect(at.x).toBe(Math.ceil(screen.workArea.x));
				expect(at.y).toBe(Math.ceil(screen.workArea.y));
			}),
			{ numRuns: 1_000 },
		);
	});

	it("a window that is put back can be taken hold of, and is no larger than the screen it is on", () => {
		const remembered = fc.record({
			x: fc.integer({ min: -12_000, max: 12_000 }),
			y: fc.integer({ min: -12_000, max: 12_000 }),
			width: fc.integer({ min: 200, max: 6_000 }),
			height: fc.integer({ min: 200, max: 6_000 }),
		});
		fc.assert(
			fc.property(fc.option(remembered), fc.array(display, { minLength: 1, maxLength: 3 }), (before, screens) => {
				const at = restorePlace(before, { width: 1_100, height: 760 }, screens);
				const isAtHome = screens.some(({ workArea }) => {
					const seen = Math.min(at.x + at.width, workArea.x + workArea.width) - Math.max(at.x, workArea.x);
					const isTopInside = at.y >= workArea.y - 1 && at.y < workArea.y + workArea.height;
					return seen >= 100 && isTopInside && at.width <= workArea.width && at.height <= workArea.height;
				});
				expect(isAtHome).toBe(true);
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe("a window that was remembered", () => {
	const first: DisplayShape = { bounds: full, workArea: { ...full, height: 1032 } };
	const second: DisplayShape = {
		bounds: { x: 1920, y: 0, width: 1280, height: 1024 },
		workArea: { x: 1920, y: 0, width: 1280, height: 984 },
	};
	const wanted: Size = { width: 1100, height: 760 };

	it("comes back where it was", () => {
		const before = { x: 2000, y: 50, width: 900, height: 700 };
		expect(restorePlace(before, wanted, [first, second])).toEqual(before);
	});

	it("comes to the middle of the first screen, in its size, when its own was taken away", () => {
		const before = { x: 2000, y: 50, width: 900, height: 700 };
		expect(restorePlace(before, wanted, [first])).toEqual({ x: 510, y: 166, width: 900, height: 700 });
	});

	it("comes to the middle when its upper edge is above all screens, for nobody could move it", () => {
		expect(restorePlace({ x: 100, y: -300, width: 900, height: 700 }, wanted, [first]).y).toBe(166);
	});

	it("is no larger than a screen that has become smaller", () => {
		const before = { x: 0, y: 0, width: 3000, height: 2000 };
		expect(restorePlace(before, wanted, [first])).toEqual({ x: 0, y: 0, width: 1920, height: 1032 });
	});

	it("opens in the middle the first time", () => {
		expect(restorePlace(null, wanted, [first])).toEqual({ x: 410, y: 136, ...wanted });
	});
});
