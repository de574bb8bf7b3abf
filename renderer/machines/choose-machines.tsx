import type { BatchMachines } from "../../native/contract/contract.ts";
import { readChoice, useMachines, writeChoice } from "../state/machines.ts";
import { Switch } from "../ui/ui.ts";
import { words } from "../words/words.ts";

const text = words.mesh.choose;

/** Which machines may work on something: a switch for each, and one for those to come. The last one can't be switched off. */
export function ChooseMachines({
	chosen,
	onChange,
}: {
	readonly chosen: BatchMachines;
	readonly onChange: (machines: BatchMachines) => void;
}) {
	const machines = useMachines();
	const choice = readChoice(chosen, machines);
	const change = (part: Partial<typeof choice>): void => {
		const written = writeChoice({ ...choice, ...part }, machines);
		if (written !== null) onChange(written);
	};
	const allow = (id: string, isAllowed: boolean): void => {
		const allowed = new Set(choice.allowed);
		if (isAllowed) allowed.add(id);
		else allowed.delete(id);
		change({ allowed });
	};
	return (
		<fieldset className="flex flex-col gap-2.5">
			<legend className="sr-only">{text.list}</legend>
			{machines.map(({ id, name }) => {
				const isAllowed = choice.allowed.has(id);
				const isLast = isAllowed && choice.allowed.size === 1;
				return (
					<Switch
						key={id}
						label={<span className="break-all">{name}</span>}
						{...(isLast ? { hint: text.none } : {})}
						isOn={isAllowed}
						isDisabled={isLast}
						onChange={(isOn) => allow(id, isOn)}
					/>
				);
			})}
			<Switch
				label={text.later}
				hint={text.laterHint}
				isOn={choice.isForLater}
				onChange={(isForLater) => change({ isForLater })}
			/>
		</fieldset>
	);
}
