import { Disclosure, Field, Select, Switch, TextArea, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { type DuplicateForm, type FieldFault, type FormFaults, policyKeys } from "./duplicate.ts";

/** The fields of "duplicate with changes". */
export interface DuplicateFieldsProps {
	readonly form: DuplicateForm;
	readonly faults: FormFaults;
	/** Names of the models of this machine; empty: not known (yet). */
	readonly models: readonly string[];
	readonly onChange: (form: DuplicateForm) => void;
}

/** The fields of "duplicate with changes". */
export function DuplicateFields({ form, faults, models, onChange }: DuplicateFieldsProps) {
	const said = words.jobs.duplicate;
	const fault = (key: Parameters<FormFaults["get"]>[0]): string | null => wordsOf(faults.get(key));
	const known = form.model === "" || models.includes(form.model) ? models : [form.model, ...models];
	return (
		<>
			<Field label={said.model}>
				<Select
					value={form.model}
					choices={[{ value: "", label: said.asLinesSay }, ...known.map((model) => ({ value: model, label: model }))]}
					onChange={(model) => onChange({ ...form, model })}
				/>
			</Field>
			<div className="grid grid-cols-[repeat(auto-fit,minmax(10rem,1fr))] gap-4">
				<Field label={said.priority}>
					<Select
						value={form.priority}
						choices={[
							{ value: "standard", label: said.priorities.standard, detail: said.priorityDetails.standard },
							{ value: "soon", label: said.priorities.soon, detail: said.priorityDetails.soon },
						]}
						onChange={(priority) => onChange({ ...form, priority })}
					/>
				</Field>
				<Field label={said.window} hint={said.windowHint} fault={fault("completionWindow")}>
					<TextInput
						value={form.completionWindow}
						onChange={(event) => onChange({ ...form, completionWindow: event.currentTarget.value })}
					/>
				</Field>
			</div>
			<Field label={said.notBefore} hint={said.notBeforeHint}>
				<TextInput
					type="datetime-local"
					value={form.notBefore}
					onChange={(event) => onChange({ ...form, notBefore: event.currentTarget.value })}
				/>
			</Field>
			{form.prompt !== null && (
				<>
					<Field label={said.prompt} hint={said.promptHint} fault={fault("prompt")}>
						<TextArea
							value={form.prompt}
							onChange={(event) => onChange({ ...form, prompt: event.currentTarget.value })}
						/>
					</Field>
					<Field label={said.system}>
						<TextArea
							value={form.system}
							onChange={(event) => onChange({ ...form, system: event.currentTarget.value })}
						/>
					</Field>
				</>
			)}
			<Switch
				label={said.reuse}
				hint={said.reuseHint}
				isOn={form.reuseAnswers}
				onChange={(reuseAnswers) => onChange({ ...form, reuseAnswers })}
			/>
			<Disclosure label={said.limits}>
				<p className="mb-3 text-sm text-muted">{said.limitsHint}</p>
				<div className="grid grid-cols-[repeat(auto-fit,minmax(12rem,1fr))] items-start gap-3">
					{policyKeys.map((key) => (
						<Field key={key} label={said.policy[key]} fault={fault(key)}>
							<TextInput
								inputMode="decimal"
								value={form.policy[key]}
								onChange={(event) =>
									onChange({ ...form, policy: { ...form.policy, [key]: event.currentTarget.value } })
								}
							/>
						</Field>
					))}
				</div>
			</Disclosure>
		</>
	);
}

function wordsOf(fault: FieldFault | undefined): string | null {
	const said = words.jobs.duplicate;
	switch (fault) {
		case undefined:
			return null;
		case "not-a-number":
			return said.notANumber;
		case "not-a-factor":
			return said.notAFactor;
		case "not-a-window":
			return said.notAWindow;
		case "needed":
			return said.needed;
		default:
			return fault satisfies never;
	}
}
