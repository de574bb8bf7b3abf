import { expect, test } from "vitest";
import { modelChoices, withName, withoutName } from "./models.ts";

test("a model that was chosen and is gone can still be seen among the choices", () => {
	expect(modelChoices(["a", "b"], "a").map(({ value }) => value)).toEqual(["a", "b"]);
	expect(modelChoices(["a"], "gone")).toEqual([
		{ value: "a", label: "a" },
		{ value: "gone", label: "gone (not here)" },
	]);
	expect(modelChoices(["a"], null)).toHaveLength(1);
});

test("a name leads to one model at a time", () => {
	const map = withName({ "gpt-4o": "a" }, "gpt-4o", "b");
	expect(map).toEqual({ "gpt-4o": "b" });
	expect(withoutName({ ...map, other: "a" }, "gpt-4o")).toEqual({ other: "a" });
});
