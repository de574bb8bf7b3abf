/** A figure with its name. */
export interface Fact {
	readonly label: string;
	readonly value: string;
	/** What it is made of, or against what it stands; null: nothing to say. */
	readonly detail: string | null;
}

/** Figures with their names, one a line. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
	return (
		<dl className="flex flex-col">
			{facts.map((fact) => (
				<div
					key={fact.label}
					className="flex justify-between gap-4 border-t border-line py-1.5 first:border-t-0 first:pt-0"
				>
					<dt className="shrink-0 text-muted">{fact.label}</dt>
					<dd className="text-right">
						{fact.value}
						{fact.detail !== null && <span className="block text-sm text-muted">{fact.detail}</span>}
					</dd>
				</div>
			))}
		</dl>
	);
}
