import { expect, it } from "vitest";
import { giveContextMenu } from "./context-menu.ts";
import { setDesk } from "./testing.ts";

function setUp() {
	const { desk, menus, popUpMenu } = setDesk();
	const { webContents: contents } = desk.createWindow({});
	giveContextMenu(contents, popUpMenu);
	const roles = () => menus.at(-1)?.template.map(({ role, enabled }) => [role, enabled]);
	return { contents, menus, roles };
}

it("in a field one can cut, copy, paste and mark all", () => {
	const { contents, roles } = setUp();
	contents.pointAt("field");
	expect(roles()).toEqual([
		["cut", true],
		["copy", true],
		["paste", true],
		[undefined, undefined],
		["selectAll", true],
	]);
});

it("marked words can be copied", () => {
	const { contents, roles } = setUp();
	contents.pointAt("words");
	expect(roles()).toEqual([["copy", true]]);
});

it("where there is nothing to do no menu opens", () => {
	const { contents, menus } = setUp();
	contents.pointAt(null);
	expect(menus).toEqual([]);
});
