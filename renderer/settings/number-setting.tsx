import type { SettingsPatch } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { DraftInput } from "./draft-input.tsx";
import type { SettingPath } from "./faults.ts";
import { readNumber, writeNumber } from "./numbers.ts";
import { useSaving } from "./saving.ts";
import { SettingRow } from "./setting-row.tsx";

interface Base {
	readonly path: SettingPath;
	readonly label: string;
	readonly hint?: string;
	/** Shown behind the field. */
	readonly unit: string;
	/** How much one of that unit is in what is kept; 1 by default. */
	readonly perUnit?: number;
	/** Shown where there is no number. */
	readonly placeholder?: string;
}

/** What a setting that is a number takes. */
export type NumberSettingProps = Base &
	(
		| {
				readonly isOptional?: false;
				readonly value: number;
				readonly patch: (value: number) => SettingsPatch;
		  }
		| {
				/** It may be left empty. */
				readonly isOptional: true;
				readonly value: number | null;
				readonly patch: (value: number | null) => SettingsPatch;
		  }
	);

/** A setting that is a number; what is out of its bounds the service refuses. */
export function NumberSetting(props: NumberSettingProps) {
	const { path, label, hint, unit, perUnit = 1, placeholder = words.settings.noLimit, value } = props;
	const { save, say, fault, isSaving, isOff } = useSaving(path, perUnit);
	const refuse = (why: string): false => {
		say(why);
		return false;
	};
	const commit = async (typed: string): Promise<boolean> => {
		const read = readNumber(typed, perUnit);
		switch (read.kind) {
			case "number":
				return save(props.patch(read.value));
			case "empty":
				return props.isOptional === true ? save(props.patch(null)) : refuse(words.settings.needsNumber);
			case "unreadable":
				return refuse(words.settings.notANumber);
			default:
				return read satisfies never;
		}
	};
	return (
		<SettingRow label={label} {...(hint === undefined ? {} : { hint })} fault={fault}>
			<span className="flex items-center gap-2">
				<span className="w-20">
					<DraftInput
						className="text-right"
						inputMode="decimal"
						autoComplete="off"
						placeholder={props.isOptional === true ? placeholder : ""}
						shown={writeNumber(value, perUnit)}
						disabled={isOff}
						aria-busy={isSaving}
						onCommit={commit}
						onGiveUp={() => say(null)}
					/>
				</span>
				<span className="w-12 text-muted">{unit}</span>
			</span>
		</SettingRow>
	);
}
