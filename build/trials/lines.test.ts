import { expect, test } from "vitest";
import { makeLines } from "./lines.ts";

test("no two lines of a trial are alike but for their number, and every one has a label", () => {
	const [large, small] = [makeLines(1, 1_200), makeLines(2, 20)];
	const requests = [large, small].flatMap(({ text }) => text.trimEnd().split("\n"));
	const bodies = requests.map((line) => JSON.stringify(JSON.parse(line).body));
	expect(new Set(bodies).size).toBe(1_220);
	expect(new Set(large.labels)).toEqual(new Set(["billing", "bug", "feature_request", "account", "other"]));
});
