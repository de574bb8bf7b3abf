import { Button } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { focusChooser } from "./focus.ts";
import { discard } from "./sending.ts";
import type { FileCard } from "./store.ts";

/** Takes a file off the panel. */
export function DiscardButton({
	card,
	isDisabled = false,
}: {
	readonly card: FileCard;
	readonly isDisabled?: boolean;
}) {
	return (
		<Button disabled={isDisabled} onClick={() => void discard(card.key).then(focusChooser)}>
			{words.drop.discard}
		</Button>
	);
}
