import { Button, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** The field and button under a list that take one more entry; what was typed stays with whoever saves it. */
export function AddEntry({
	label,
	placeholder,
	className,
	typed,
	isOff,
	onType,
	onAdd,
}: {
	readonly label: string;
	readonly placeholder: string;
	/** How wide it may get. */
	readonly className: string;
	readonly typed: string;
	readonly isOff: boolean;
	readonly onType: (typed: string) => void;
	readonly onAdd: () => void;
}) {
	return (
		<form
			className={`mt-2 flex gap-2 ${className}`}
			onSubmit={(event) => {
				event.preventDefault();
				onAdd();
			}}
		>
			<TextInput
				aria-label={label}
				placeholder={placeholder}
				autoComplete="off"
				spellCheck={false}
				value={typed}
				disabled={isOff}
				onChange={(event) => onType(event.target.value)}
			/>
			<Button type="submit" disabled={isOff || typed.trim() === ""}>
				{words.settings.add}
			</Button>
		</form>
	);
}
