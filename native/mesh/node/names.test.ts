import { expect, test } from "vitest";
import { apart } from "./names.ts";

test("machines of the same name are told apart by their ids, others keep their names", () => {
	const machines = [
		{ id: "AB12XX", name: "pc", isHere: true },
		{ id: "CD34XX", name: "attic", isHere: false },
		{ id: "EF56XX", name: "pc", isHere: false },
	];
	expect(apart(machines)).toEqual([
		{ id: "AB12XX", name: "pc-ab12", isHere: true },
		{ id: "CD34XX", name: "attic", isHere: false },
		{ id: "EF56XX", name: "pc-ef56", isHere: false },
	]);
	expect(apart(machines.slice(0, 2))).toEqual(machines.slice(0, 2));
});
