import { useRef } from "react";
import { Field, TextArea, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { ModelChoice } from "./model-choice.tsx";
import type { TemplateForm as Template } from "./options.ts";
import { type FileCard, happen } from "./store.ts";
import { fillTemplate, type TableHead, unknownColumns } from "./table-head.ts";

const w = words.drop;

/** What each row of a table asks: a prompt with places for its columns. */
export function TemplateForm({ card, table }: { readonly card: FileCard; readonly table: TableHead }) {
	const prompt = useRef<HTMLTextAreaElement>(null);
	const { template } = card.options;
	const change = (part: Partial<Template>): void =>
		happen({ kind: "chosen", key: card.key, options: { ...card.options, template: { ...template, ...part } } });
	const insert = (column: string): void => {
		const box = prompt.current;
		const [start, end] =
			box === null ? [template.prompt.length, template.prompt.length] : [box.selectionStart, box.selectionEnd];
		const place = `{{${column}}}`;
		change({ prompt: template.prompt.slice(0, start) + place + template.prompt.slice(end) });
		// The box has the new text only after this change is drawn.
		requestAnimationFrame(() => {
			box?.focus();
			box?.setSelectionRange(start + place.length, start + place.length);
		});
	};
	const unknown = unknownColumns(template.prompt + template.system, table);
	return (
		<div className="flex flex-col gap-3">
			<h3 className="text-sm font-semibold">{w.templateTitle}</h3>
			<Columns table={table} onChoose={insert} />
			<Field
				label={w.prompt}
				hint={w.promptHint}
				fault={
					table.columns.length > 0 && unknown.length > 0
						? w.unknownColumns(unknown.map((name) => `{{${name}}}`).join(", "))
						: null
				}
			>
				<TextArea
					ref={prompt}
					value={template.prompt}
					placeholder={w.promptExample(table.columns[0] ?? "text")}
					onChange={({ currentTarget }) => change({ prompt: currentTarget.value })}
				/>
			</Field>
			<Preview template={template} table={table} />
			<div className="grid items-start gap-x-5 gap-y-3 wide:grid-cols-2">
				<Field label={w.templateSystem} hint={w.templateSystemHint}>
					<TextArea
						className="min-h-28"
						value={template.system}
						onChange={({ currentTarget }) => change({ system: currentTarget.value })}
					/>
				</Field>
				<div className="flex flex-col gap-3">
					<ModelChoice card={card} />
					<Field label={w.mostTokens} hint={w.mostTokensHint}>
						<TextInput
							inputMode="numeric"
							value={template.mostTokens}
							placeholder={w.noLimit}
							onValueChange={(value) => change({ mostTokens: value })}
						/>
					</Field>
				</div>
			</div>
		</div>
	);
}

function Columns({ table, onChoose }: { readonly table: TableHead; readonly onChoose: (column: string) => void }) {
	if (table.columns.length === 0) return <p className="text-sm text-muted">{w.templateNoColumns}</p>;
	return (
		<div>
			<p className="mb-1.5 text-xs text-muted">{w.templateColumns}</p>
			<ul className="flex flex-wrap gap-1.5">
				{table.columns.map((column) => (
					<li key={column} className="max-w-full">
						<button
							type="button"
							aria-label={w.insertColumn(column)}
							className="max-w-full truncate rounded-sm bg-accent-soft px-2 py-0.5 font-mono text-xs text-accent hover:bg-hover"
							onClick={() => onChoose(column)}
						>
							{column}
						</button>
					</li>
				))}
			</ul>
		</div>
	);
}

/** Shown of the first row's prompt, in characters. */
const PREVIEW_LENGTH = 400;

function Preview({ template, table }: { readonly template: Template; readonly table: TableHead }) {
	if (table.firstRow === null || template.prompt.trim() === "") return null;
	const filled = fillTemplate(template.prompt, table);
	return (
		<div className="rounded-md bg-sunken px-3 py-2">
			<p className="text-xs font-medium text-muted">{w.preview}</p>
			<p className="whitespace-pre-wrap">
				{filled.length > PREVIEW_LENGTH ? `${filled.slice(0, PREVIEW_LENGTH)}…` : filled}
			</p>
		</div>
	);
}
