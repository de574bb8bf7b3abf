import { CHOOSE_ID } from "./drop-target.tsx";

/** A card has gone with the button that was pressed: the focus goes to where the next file comes from. */
export function focusChooser(): void {
	document.getElementById(CHOOSE_ID)?.focus();
}
