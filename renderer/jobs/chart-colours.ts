/** The theme's colours as a canvas takes them: it knows nothing of variables, nor of light and dark. */

/** What the chart is drawn with. */
export interface ChartColours {
	readonly text: string;
	readonly line: string;
	readonly answered: string;
	readonly answeredSoft: string;
	readonly failed: string;
	readonly failedSoft: string;
	readonly yields: string;
}

/** Reads the colours that hold now, within an element of the page. */
export function chartColours(element: HTMLElement): ChartColours {
	const read = (variable: string): string => {
		// A new one for each: a colour that changes may take its time, and then what is read is the one before.
		const probe = document.createElement("span");
		probe.style.color = `var(${variable})`;
		element.append(probe);
		const { color } = getComputedStyle(probe);
		probe.remove();
		return color;
	};
	return {
		text: read("--color-muted"),
		line: read("--color-line"),
		answered: read("--color-accent"),
		answeredSoft: read("--color-accent-soft"),
		failed: read("--color-bad"),
		failedSoft: read("--color-bad-soft"),
		yields: read("--color-warn"),
	};
}
