/** A small line of a figure over time, oldest first; the figures stand beside it. Flat at the bottom where there are none yet. */
export function Sparkline({
	label,
	values,
	width = 96,
	height = 24,
}: {
	readonly label: string;
	readonly values: readonly number[];
	readonly width?: number;
	readonly height?: number;
}) {
	const most = Math.max(...values, 1e-9);
	const step = values.length > 1 ? width / (values.length - 1) : width;
	const points = values.map(
		(value, index) => `${(index * step).toFixed(1)},${(height - 1 - (value / most) * (height - 2)).toFixed(1)}`,
	);
	return (
		<svg
			role="img"
			aria-label={label}
			width={width}
			height={height}
			viewBox={`0 0 ${width} ${height}`}
			className="shrink-0 text-accent"
		>
			<polyline points={points.join(" ")} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
		</svg>
	);
}
