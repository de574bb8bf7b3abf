import { X } from "lucide-react";
import { useState } from "react";
import { Button, IconButton, Select, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { modelChoices, withName, withoutName } from "./models.ts";
import { NotSaved } from "./not-saved.tsx";
import { useSaving } from "./saving.ts";

const text = words.settings.models;

/** Names of hosted models and the local ones that answer for them. */
export function ModelMap({
	map,
	names,
}: {
	readonly map: Readonly<Record<string, string>>;
	readonly names: readonly string[];
}) {
	const { save, fault, isOff } = useSaving("models.map");
	const entries = Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1));
	const change = (next: Record<string, string>): Promise<boolean> => save({ models: { map: next } });
	return (
		<section aria-label={text.map}>
			<h3 className="font-medium">{text.map}</h3>
			<p className="max-w-prose text-sm text-muted">{text.mapHint}</p>
			<ul className="mt-2 flex flex-col gap-2">
				{entries.map(([name, model]) => (
					<li key={name} className="flex flex-wrap items-center gap-2 wide:flex-nowrap">
						<span className="min-w-0 grow basis-full font-mono text-sm wide:basis-0">{name}</span>
						<Select
							label={`${name}: ${text.mapModel}`}
							className="min-w-0 grow wide:w-64 wide:grow-0"
							value={model}
							choices={modelChoices(names, model)}
							isDisabled={isOff}
							onChange={(chosen) => void change(withName(map, name, chosen))}
						/>
						<IconButton
							label={words.settings.remove(name)}
							disabled={isOff}
							onClick={() => void change(withoutName(map, name))}
						>
							<X aria-hidden className="size-4" />
						</IconButton>
					</li>
				))}
			</ul>
			{names.length === 0 ? (
				<p className="text-sm text-muted">{text.noModels}</p>
			) : (
				<NewName names={names} isOff={isOff} onAdd={(name, model) => change(withName(map, name, model))} />
			)}
			<NotSaved fault={fault} />
		</section>
	);
}

function NewName({
	names,
	isOff,
	onAdd,
}: {
	readonly names: readonly string[];
	readonly isOff: boolean;
	readonly onAdd: (name: string, model: string) => Promise<boolean>;
}) {
	const [name, setName] = useState("");
	const [model, setModel] = useState(names[0] ?? "");
	const typed = name.trim();
	return (
		<form
			className="mt-2 flex flex-wrap items-center gap-2"
			onSubmit={(event) => {
				event.preventDefault();
				void onAdd(typed, model).then((isAdded) => {
					if (isAdded) setName("");
				});
			}}
		>
			<span className="min-w-36 grow">
				<TextInput
					aria-label={text.mapName}
					placeholder="gpt-4o-mini"
					autoComplete="off"
					spellCheck={false}
					value={name}
					disabled={isOff}
					onChange={(event) => setName(event.target.value)}
				/>
			</span>
			<Select
				label={text.mapModel}
				className="min-w-36 grow wide:w-64 wide:grow-0"
				value={model}
				choices={modelChoices(names, null)}
				isDisabled={isOff}
				onChange={setModel}
			/>
			<Button type="submit" disabled={isOff || typed === ""}>
				{words.settings.add}
			</Button>
		</form>
	);
}
