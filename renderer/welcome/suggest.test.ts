import { describe, expect, it } from "vitest";
import { type CatalogueModel, settingsSchema } from "../../native/contract/contract.ts";
import { nightWords, worthOffering } from "./suggest.ts";

function model(title: string, different: Partial<CatalogueModel> = {}): CatalogueModel {
	return {
		title,
		purpose: "Good at much.",
		reference: `hf:some/${title}:Q4_K_M`,
		size_bytes: 1,
		license: "Apache 2.0",
		is_embedding: false,
		fit: { kind: "gpu", words: "fits" },
		installed_as: null,
		...different,
	};
}

describe("the first run", () => {
	it("offers the few best models that fit, write text and are not here", () => {
		const data = [
			model("huge", { fit: { kind: "too-big", words: "too big" } }),
			model("one"),
			model("here", { installed_as: "here" }),
			model("vectors", { is_embedding: true }),
			model("two"),
			model("three"),
			model("four"),
		];
		expect(worthOffering({ data, as_of: "2026-11-20" }).map(({ title }) => title)).toEqual(["one", "two", "three"]);
	});

	it("says when the night is, where it is the same each day", () => {
		const { night } = settingsSchema.parse({});
		expect(nightWords(night)).toBe("Every night from 23:00 to 07:00");
		expect(nightWords({ ...night, friday: [] })).toBe("In the hours set for each day");
		const split = settingsSchema.shape.night.parse(
			Object.fromEntries(
				Object.keys(night).map((day) => [
					day,
					[
						{ from: "01:00", to: "02:00" },
						{ from: "03:00", to: "04:00" },
					],
				]),
			),
		);
		expect(nightWords(split)).toBe("In the hours set for each day");
	});
});
