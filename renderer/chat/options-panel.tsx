import { useState } from "react";
import type { ThreadOptions } from "../../native/contract/contract.ts";
import { Field, TextArea, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { faultOf, formOf, type OptionsField, optionsOf } from "./options-form.ts";

/** How the conversation is answered: what comes before it, and how the words are drawn. Kept when a field is left. */
export function OptionsPanel({
	options,
	onChange,
}: {
	readonly options: ThreadOptions;
	readonly onChange: (options: ThreadOptions) => void;
}) {
	const [form, setForm] = useState(() => formOf(options));
	const said = words.chat.options;
	const field = (name: OptionsField) => ({
		value: form[name],
		onChange: (event: { readonly target: { readonly value: string } }) =>
			setForm({ ...form, [name]: event.target.value }),
		onBlur: () => {
			const chosen = optionsOf(form, options);
			if (JSON.stringify(chosen) !== JSON.stringify(options)) onChange(chosen);
		},
	});
	return (
		<div className="max-h-[50vh] shrink-0 overflow-y-auto border-b border-line bg-surface">
			<div className="mx-auto flex max-w-3xl flex-col gap-3 px-4 py-3.5">
				<Field label={said.system} hint={said.systemHint} fault={faultOf(form, "system")}>
					<TextArea {...field("system")} className="field-sizing-content max-h-60" />
				</Field>
				<div className="grid grid-cols-[repeat(auto-fit,minmax(6.5rem,1fr))] gap-3">
					<Field label={said.temperature} hint={said.temperatureHint} fault={faultOf(form, "temperature")}>
						<TextInput {...field("temperature")} inputMode="decimal" placeholder={said.usual} />
					</Field>
					<Field label={said.topP} hint={said.topPHint} fault={faultOf(form, "topP")}>
						<TextInput {...field("topP")} inputMode="decimal" placeholder={said.usual} />
					</Field>
					<Field label={said.maxTokens} hint={said.maxTokensHint} fault={faultOf(form, "maxTokens")}>
						<TextInput {...field("maxTokens")} inputMode="numeric" placeholder={said.noLimit} />
					</Field>
				</div>
			</div>
		</div>
	);
}
