/** The menu of the other mouse button in a page. Electron has none of its own, so without it nobody can paste by mouse. */
import type { MenuItemConstructorOptions } from "electron";
import type { ContentsPort, PointedAt } from "./ports.ts";

/** The menu; empty: there is nothing to do there. Pure. */
export function contextMenu({ isEditable, selectionText, editFlags }: PointedAt): MenuItemConstructorOptions[] {
	if (isEditable) {
		return [
			{ role: "cut", enabled: editFlags.canCut },
			{ role: "copy", enabled: editFlags.canCopy },
			{ role: "paste", enabled: editFlags.canPaste },
			{ type: "separator" },
			{ role: "selectAll", enabled: editFlags.canSelectAll },
		];
	}
	return selectionText.trim() === "" ? [] : [{ role: "copy", enabled: editFlags.canCopy }];
}

/** Opens the menu in these contents. `popUp` shows a menu where the pointer is. */
export function giveContextMenu(contents: ContentsPort, popUp: (template: MenuItemConstructorOptions[]) => void): void {
	contents.on("context-menu", (_event, pointedAt) => {
		const template = contextMenu(pointedAt);
		if (template.length > 0) popUp(template);
	});
}
