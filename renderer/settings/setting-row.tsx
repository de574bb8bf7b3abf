import { Field } from "@base-ui/react/field";
import type { ReactNode } from "react";
import { words } from "../words/words.ts";

/** What a row shows. */
export interface SettingRowProps {
	readonly label: string;
	readonly hint?: string;
	/** Why what was entered is not in force; null: nothing is wrong. */
	readonly fault: string | null;
	/** The control goes below the words, not beside them. */
	readonly isStacked?: boolean;
	readonly children: ReactNode;
}

/** A setting: its name and what it means at the left, its control at the right, what the service refused below. */
export function SettingRow({ label, hint, fault, isStacked = false, children }: SettingRowProps) {
	return (
		<Field.Root invalid={fault !== null}>
			<div className={isStacked ? "flex flex-col gap-2" : "flex items-start justify-between gap-4"}>
				<div className="min-w-0">
					<Field.Label className="block font-medium">{label}</Field.Label>
					{hint !== undefined && (
						<Field.Description className="max-w-prose text-sm text-muted">{hint}</Field.Description>
					)}
				</div>
				<div className={isStacked ? "min-w-0" : "shrink-0"}>{children}</div>
			</div>
			{fault !== null && (
				<Field.Error match className="mt-1.5 text-sm text-bad" role="alert">
					{words.settings.notSaved(fault)}
				</Field.Error>
			)}
		</Field.Root>
	);
}
