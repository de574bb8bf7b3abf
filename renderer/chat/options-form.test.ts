import { expect, test } from "vitest";
import { usualOptions } from "./conversation.ts";
import { faultOf, formOf, isSpecial, optionsOf } from "./options-form.ts";

test("reads what was written, with either decimal sign", () => {
	const form = { system: "Be brief.", temperature: "0,7", topP: " 0.9 ", maxTokens: "200" };
	const options = optionsOf(form, { ...usualOptions, model: "demo" });
	expect(options).toEqual({ model: "demo", system: "Be brief.", temperature: 0.7, top_p: 0.9, max_tokens: 200 });
	expect(optionsOf(formOf(options), usualOptions)).toEqual({ ...options, model: null });
	expect(isSpecial(options)).toBe(true);
	expect(isSpecial({ ...usualOptions, model: "demo" })).toBe(false);
});

test("keeps the value before where a field has a fault", () => {
	const before = { ...usualOptions, temperature: 1, top_p: 0.5, max_tokens: 9 };
	const form = { system: "x".repeat(100_001), temperature: "2.1", topP: "0", maxTokens: "1.5" };
	for (const field of ["system", "temperature", "topP", "maxTokens"] as const)
		expect(faultOf(form, field)).not.toBeNull();
	expect(optionsOf(form, before)).toEqual(before);
	expect(optionsOf({ system: "", temperature: "", topP: "", maxTokens: "" }, before)).toEqual(usualOptions);
	for (const text of ["warm", "Infinity", "-1"])
		expect(faultOf({ ...form, temperature: text }, "temperature")).not.toBeNull();
});
