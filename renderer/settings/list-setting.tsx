import { Plus, X } from "lucide-react";
import { useId, useState } from "react";
import type { SettingsPatch } from "../../native/contract/contract.ts";
import { Button } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { AddEntry } from "./add-entry.tsx";
import { withEntry, withoutEntry } from "./entries.ts";
import type { SettingPath } from "./faults.ts";
import { NotSaved } from "./not-saved.tsx";
import { useSaving } from "./saving.ts";

/** What a setting that is a list of names takes. */
export interface ListSettingProps {
	readonly path: SettingPath;
	readonly label: string;
	readonly hint: string;
	/** Name of the field for a new entry. */
	readonly entryLabel: string;
	readonly placeholder: string;
	readonly entries: readonly string[];
	/** Entries that may be wanted. */
	readonly suggestions?: readonly string[];
	/** What is meant by what was typed. */
	readonly normalise: (typed: string) => string;
	readonly patch: (entries: readonly string[]) => SettingsPatch;
}

/** A setting that is a list of names: each can be taken away, new ones are typed or chosen. */
export function ListSetting(props: ListSettingProps) {
	const { path, label, hint, entries, suggestions = [], normalise, patch } = props;
	const { save, say, fault, isOff } = useSaving(path);
	const id = useId();
	const [typed, setTyped] = useState("");
	const add = async (): Promise<void> => {
		const next = withEntry(entries, normalise(typed));
		if (next === entries || (await save(patch(next)))) setTyped("");
	};
	return (
		<section aria-labelledby={id}>
			<h3 id={id} className="font-medium">
				{label}
			</h3>
			<p className="max-w-prose text-sm text-muted">{hint}</p>
			<Entries entries={entries} isOff={isOff} onRemove={(entry) => void save(patch(withoutEntry(entries, entry)))} />
			<AddEntry
				label={props.entryLabel}
				placeholder={props.placeholder}
				typed={typed}
				isOff={isOff}
				className="max-w-96"
				onType={(next) => {
					setTyped(next);
					if (fault !== null) say(null);
				}}
				onAdd={() => void add()}
			/>
			{suggestions.length > 0 && (
				<p className="mt-2 flex flex-wrap items-center gap-1.5 text-sm text-muted">
					{words.settings.suggestions}
					{suggestions.map((suggestion) => (
						<Button
							key={suggestion}
							className="h-6 px-2 text-sm"
							disabled={isOff}
							aria-label={words.settings.addEntry(suggestion)}
							icon={<Plus aria-hidden className="size-3" />}
							onClick={() => void save(patch(withEntry(entries, suggestion)))}
						>
							{suggestion}
						</Button>
					))}
				</p>
			)}
			<NotSaved fault={fault} />
		</section>
	);
}

function Entries({
	entries,
	isOff,
	onRemove,
}: {
	readonly entries: readonly string[];
	readonly isOff: boolean;
	readonly onRemove: (entry: string) => void;
}) {
	if (entries.length === 0) return null;
	return (
		<ul className="mt-2 flex flex-wrap gap-1.5">
			{entries.map((entry) => (
				<li key={entry} className="flex items-center rounded-md bg-sunken pl-2 font-mono text-sm">
					{entry}
					<button
						type="button"
						aria-label={words.settings.remove(entry)}
						title={words.settings.remove(entry)}
						disabled={isOff}
						onClick={() => onRemove(entry)}
						className="ml-0.5 inline-flex size-6 items-center justify-center rounded-md text-muted hover:text-text disabled:opacity-50"
					>
						<X aria-hidden className="size-3" />
					</button>
				</li>
			))}
		</ul>
	);
}
