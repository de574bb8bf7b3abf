import { join } from "../ui/ui.ts";
import type { Figure } from "./figures.ts";

/** Figures side by side, as many in a row as fit. */
export function FigureGrid({
	figures,
	isSmall = false,
}: {
	readonly figures: readonly Figure[];
	readonly isSmall?: boolean;
}) {
	return (
		<dl className="grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-x-4 gap-y-3">
			{figures.map((figure) => (
				<div key={figure.label} className="min-w-0">
					<dt className="text-xs text-muted">{figure.label}</dt>
					<dd className={join(isSmall ? "text-sm" : "text-base font-medium", figure.isBad === true && "text-bad")}>
						{figure.value}
						{figure.detail !== undefined && (
							<span className="block text-xs font-normal text-muted">{figure.detail}</span>
						)}
					</dd>
				</div>
			))}
		</dl>
	);
}
