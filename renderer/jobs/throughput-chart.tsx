import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatCount, formatMoment } from "../state/format.ts";
import { type ChartColours, chartColours } from "./chart-colours.ts";
import type { Throughput, YieldBand } from "./throughput.ts";

/** Height of the chart, pixels; its place is kept before it is there. */
export const CHART_PX = 200;

/** The chart of lines a minute. */
export interface ThroughputChartProps {
	readonly throughput: Throughput;
	readonly bands: readonly YieldBand[];
	/** What it shows, for those who can't see it; the table beside it has the figures. */
	readonly label: string;
	/** The minute that is pointed at, its place in the columns; null: none. */
	readonly onPoint: (index: number | null) => void;
}

/** Lines a minute over the night, failed ones of their own, with the times of stepping aside over them. */
export function ThroughputChart({ throughput, bands, label, onPoint }: ThroughputChartProps) {
	const place = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot | null>(null);
	// What the chart's own drawing reads: it outlives a rendering.
	const shown = useRef({ bands, onPoint });
	shown.current = { bands, onPoint };

	// Without failed lines their line would lie along the bottom and look like something.
	const hasFailed = throughput.failed.some((count) => count > 0);

	useEffect(() => {
		const element = place.current;
		if (element === null) return;
		let colours = chartColours(element);
		const made = new uPlot(
			optionsOf(() => colours, shown, { width: element.clientWidth, hasFailed }),
			[[], [], []],
			element,
		);
		plot.current = made;
		const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: CHART_PX }));
		resized.observe(element);
		const scheme = window.matchMedia("(prefers-color-scheme: dark)");
		const repaint = (): void => {
			colours = chartColours(element);
			made.redraw(false, true);
		};
		scheme.addEventListener("change", repaint);
		return () => {
			scheme.removeEventListener("change", repaint);
			resized.disconnect();
			made.destroy();
			plot.current = null;
		};
	}, [hasFailed]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: a chart made anew needs its data.
	useEffect(() => {
		const { at, answered, failed } = throughput;
		plot.current?.setData([[...at], [...answered], [...failed]]);
	}, [throughput, hasFailed]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: other bands are drawn by drawing anew.
	useEffect(() => plot.current?.redraw(false), [bands]);

	return (
		<div ref={place} role="img" aria-label={label} className="w-full overflow-hidden" style={{ height: CHART_PX }} />
	);
}

/** Between two marks of the axis of time, seconds: whole minutes, for there is nothing between them. */
const TIME_STEPS = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400] as const;
/** Between two marks of the axis of lines: whole lines. */
const COUNT_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000] as const;

interface Shown {
	readonly current: { readonly bands: readonly YieldBand[]; readonly onPoint: (index: number | null) => void };
}

function optionsOf(
	colours: () => ChartColours,
	shown: Shown,
	{ width, hasFailed }: { readonly width: number; readonly hasFailed: boolean },
): uPlot.Options {
	const stepped = uPlot.paths.stepped?.({ align: 1 });
	const paths = stepped === undefined ? {} : { paths: stepped };
	const axis: uPlot.Axis = {
		stroke: () => colours().text,
		font: '11.5px system-ui, "Segoe UI", sans-serif',
		grid: { stroke: () => colours().line, width: 1 },
		ticks: { show: false },
	};
	return {
		width,
		height: CHART_PX,
		legend: { show: false },
		padding: [8, 26, 0, 0],
		cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
		// Nothing done is at the bottom, and a scale of its own half a line high would make much of it.
		scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.08)] } },
		axes: [
			{
				...axis,
				size: 28,
				space: 84,
				incrs: [...TIME_STEPS],
				grid: { show: false },
				values: (_, at) => at.map((one) => formatMoment(one * 1_000)),
			},
			{ ...axis, size: 48, incrs: [...COUNT_STEPS], values: (_, counts) => counts.map(formatCount) },
		],
		series: [
			{},
			{
				...paths,
				stroke: () => colours().answered,
				fill: () => colours().answeredSoft,
				width: 1.5,
				points: { show: false },
			},
			{
				...paths,
				show: hasFailed,
				stroke: () => colours().failed,
				fill: () => colours().failedSoft,
				width: 1.5,
				points: { show: false },
			},
		],
		hooks: {
			draw: [(plot) => drawBands(plot, shown.current.bands, colours().yields)],
			setCursor: [(plot) => shown.current.onPoint(plot.cursor.idx ?? null)],
		},
	};
}

/** How much of a band hides what is behind it. */
const BAND_ALPHA = 0.35;

/** Over the lines, which show through; a moment is drawn as wide as can be seen. */
function drawBands(plot: uPlot, bands: readonly YieldBand[], colour: string): void {
	const { left, top, width, height } = plot.bbox;
	plot.ctx.save();
	plot.ctx.beginPath();
	plot.ctx.rect(left, top, width, height);
	plot.ctx.clip();
	plot.ctx.fillStyle = colour;
	plot.ctx.globalAlpha = BAND_ALPHA;
	for (const band of bands) {
		const from = plot.valToPos(band.from, "x", true);
		const to = plot.valToPos(band.to, "x", true);
		plot.ctx.fillRect(from, top, Math.max(2, to - from), height);
	}
	plot.ctx.restore();
}
