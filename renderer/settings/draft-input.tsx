import { type ComponentProps, useState } from "react";
import { TextInput } from "../ui/ui.ts";

/** What a draft's field takes. */
export interface DraftInputProps extends Omit<ComponentProps<typeof TextInput>, "value" | "onChange"> {
	/** What is in force. */
	readonly shown: string;
	/** Takes what was typed when the field is left or Enter is pressed; false keeps it in the field, to be mended. */
	readonly onCommit: (typed: string) => Promise<boolean>;
	/** What was typed is given up, by Escape. */
	readonly onGiveUp: () => void;
}

/** A field of text that is saved when it is left. Escape brings back what is in force. */
export function DraftInput({ shown, onCommit, onGiveUp, ...rest }: DraftInputProps) {
	const [draft, setDraft] = useState<string | null>(null);
	const giveUp = (): void => {
		setDraft(null);
		onGiveUp();
	};
	const commit = async (): Promise<void> => {
		if (draft === null) return;
		if (draft.trim() === shown) return giveUp();
		if (await onCommit(draft.trim())) setDraft((now) => (now === draft ? null : now));
	};
	return (
		<TextInput
			{...rest}
			value={draft ?? shown}
			onChange={(event) => setDraft(event.target.value)}
			onBlur={() => void commit()}
			onKeyDown={(event) => {
				if (event.key === "Enter") void commit();
				if (event.key === "Escape" && draft !== null) {
					event.stopPropagation();
					giveUp();
				}
			}}
		/>
	);
}
