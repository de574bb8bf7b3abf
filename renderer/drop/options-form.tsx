import { ChooseMachines } from "../machines/choose-machines.tsx";
import { choiceWords, useHasOthers, useMachines } from "../state/machines.ts";
import { type Choice, Disclosure, Field, Segmented, Select, Switch, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { ModelChoice } from "./model-choice.tsx";
import { type ChoiceFaults, type OptionsForm as Options, readOptions } from "./options.ts";
import { NumberChoice, PolicyForm } from "./policy-form.tsx";
import { type FileCard, fileIdOf, happen, needsTemplate } from "./store.ts";

const w = words.drop;

/** Everything that can be chosen about a file, folded away: what is usual is chosen already. */
export function OptionsForm({
	card,
	isOpenAtFirst = false,
}: {
	readonly card: FileCard;
	readonly isOpenAtFirst?: boolean;
}) {
	return (
		<Disclosure label={w.options} isOpenAtFirst={isOpenAtFirst}>
			<Choices card={card} />
		</Disclosure>
	);
}

function Choices({ card }: { readonly card: FileCard }) {
	const { options } = card;
	const machines = useMachines();
	const hasOthers = useHasOthers();
	const change = (part: Partial<Options>): void =>
		happen({ kind: "chosen", key: card.key, options: { ...options, ...part } });
	const faults = faultsOf(card);
	// What the rows of a table ask and who answers stand together, in its template.
	const isTable = card.table !== null;
	return (
		<div className="flex flex-col gap-5 rounded-md border border-line p-3">
			<div className="grid gap-x-5 gap-y-3.5 wide:grid-cols-2">
				{!isTable && <ModelChoice card={card} />}
				<div className="flex flex-col items-start gap-1">
					<span className="text-sm font-medium">{w.priority}</span>
					<Segmented
						label={w.priority}
						value={options.isSoon ? "soon" : "standard"}
						choices={priorities}
						onChange={(priority) => change({ isSoon: priority === "soon" })}
					/>
				</div>
				<Moment
					label={w.notBefore}
					hint={w.notBeforeHint}
					value={options.notBefore}
					isPast={faults.notBefore !== undefined}
					onChange={(notBefore) => change({ notBefore })}
				/>
				<Field label={w.window} hint={w.windowHint} fault={faults.window === undefined ? null : w.faultOf.window}>
					<Select
						value={options.window}
						choices={windowsWith(options.window)}
						onChange={(window) => change({ window })}
					/>
				</Field>
				<Moment
					label={w.goodUntil}
					hint={w.goodUntilHint}
					value={options.goodUntil}
					isPast={faults.goodUntil !== undefined}
					onChange={(goodUntil) => change({ goodUntil })}
				/>
			</div>
			{hasOthers && (
				<Disclosure label={`${w.machines}: ${choiceWords(options.machines, machines)}`}>
					<div className="max-w-md">
						<ChooseMachines chosen={options.machines} onChange={(chosen) => change({ machines: chosen })} />
					</div>
				</Disclosure>
			)}
			<Switch
				label={w.reuse}
				hint={w.reuseHint}
				isOn={options.reusesAnswers}
				onChange={(reusesAnswers) => change({ reusesAnswers })}
			/>
			<div className="grid items-start gap-x-5 gap-y-3.5 wide:grid-cols-2">
				<NumberChoice
					name="rehearsedLines"
					label={w.rehearsedLines}
					options={options}
					faults={faults}
					onChange={change}
				/>
				<Switch
					label={w.spread}
					hint={w.spreadHint}
					isOn={options.isSpread}
					onChange={(isSpread) => change({ isSpread })}
				/>
			</div>
			<PolicyForm options={options} faults={faults} onChange={change} />
		</div>
	);
}

const priorities = [
	{ value: "standard", label: w.standard },
	{ value: "soon", label: w.soon },
] as const;

const windows: readonly Choice<string>[] = Object.entries(w.windows).map(([value, label]) => ({ value, label }));

/** Those offered, and the one that holds where it is another. */
function windowsWith(window: string): readonly Choice<string>[] {
	return windows.some(({ value }) => value === window) ? windows : [...windows, { value: window, label: window }];
}

function faultsOf(card: FileCard): ChoiceFaults {
	const reading = readOptions(card.options, {
		fileId: fileIdOf(card) ?? "",
		isTable: needsTemplate(card),
		nowMs: Date.now(),
	});
	return reading.ok ? {} : reading.faults;
}

interface MomentProps {
	readonly label: string;
	readonly hint: string;
	readonly value: string;
	readonly isPast: boolean;
	readonly onChange: (value: string) => void;
}

function Moment({ label, hint, value, isPast, onChange }: MomentProps) {
	return (
		<Field label={label} hint={hint} fault={isPast ? w.faultOf.past : null}>
			<TextInput type="datetime-local" value={value} onValueChange={onChange} />
		</Field>
	);
}
