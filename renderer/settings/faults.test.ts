import { expect, test } from "vitest";
import { settingsPatchSchema } from "../../native/contract/contract.ts";
import { faultPath, faultWords } from "./faults.ts";

const shown = new Set([
	"stepAside.quietMs",
	"stepAside.longestQuietMs",
	"webhooks.endpoints",
	"endpoint.allowedOrigins",
]);

/** What the service says of a patch, as it writes it. */
function refusalOf(patch: object): string {
	const issue = settingsPatchSchema.safeParse(patch).error?.issues[0];
	return `Invalid value for '${issue?.path.join(".")}': ${issue?.message}`;
}

test("a refusal is told at the field it is about", () => {
	expect(faultPath("stepAside.longestQuietMs", "stepAside.quietMs", shown)).toBe("stepAside.longestQuietMs");
	expect(faultPath("webhooks.endpoints.0.url", "webhooks.endpoints", shown)).toBe("webhooks.endpoints");
	expect(faultPath("endpoint.allowedOrigins[1]", "webhooks.endpoints", shown)).toBe("endpoint.allowedOrigins");
});

test("a refusal about nothing on the screen is told at the field that was changed", () => {
	expect(faultPath(null, "stepAside.quietMs", shown)).toBe("stepAside.quietMs");
	expect(faultPath("limits.ignore[3]", "stepAside.quietMs", shown)).toBe("stepAside.quietMs");
});

test("bounds are said in plain words and in the unit that is shown", () => {
	expect(faultWords(refusalOf({ limits: { othersGpuPercent: 400 } }))).toBe("It can be at most 100.");
	expect(faultWords(refusalOf({ limits: { othersGpuPercent: 0 } }))).toBe("It has to be at least 1.");
	expect(faultWords(refusalOf({ stepAside: { quietMs: 90_000 } }), 1_000)).toBe("It can be at most 60.");
	expect(faultWords(refusalOf({ schedule: { awayMinutes: 1.5 } }))).toBe("It has to be a whole number.");
});

test("other words of the service stay as they are, without the name of the setting in its file", () => {
	expect(faultWords(refusalOf({ energy: { currency: "euro" } }))).toBe("Three capital letters, e.g. EUR.");
	expect(faultWords("The settings file can't be written: the disk is full.")).toBe(
		"The settings file can't be written: the disk is full.",
	);
	expect(faultWords("It has to be at least quietMs: raise it, or lower quietMs.")).not.toContain("quietMs");
});
