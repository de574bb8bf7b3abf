import { describe, expect, test } from "vitest";
import { createRuleBook } from "../process/schema/rules.ts";
import { addSchema } from "../process/schema/schema.ts";
import { toJsonSchema } from "./gemini-schema.ts";

describe("Google's schema language", () => {
	test.each<[object, object]>([
		[{ type: "STRING" }, { type: "string" }],
		[{ type: "STRING", nullable: true }, { type: ["string", "null"] }],
		[{ type: "STRING", nullable: false }, { type: "string" }],
		[
			{ type: "STRING", format: "enum", enum: ["A", "B"], nullable: true },
			{ type: ["string", "null"], enum: ["A", "B", null] },
		],
		[
			{ type: "INTEGER", format: "enum", enum: ["101", "-2"] },
			{ type: "integer", enum: [101, -2] },
		],
		[
			{ type: "NUMBER", format: "double", minimum: 0, maximum: 1 },
			{ type: "number", minimum: 0, maximum: 1 },
		],
		[
			{ type: "STRING", format: "date-time" },
			{ type: "string", format: "date-time" },
		],
		[{ type: "STRING", format: "phone" }, { type: "string" }],
		[
			{ type: "ARRAY", items: { type: "OBJECT", properties: {} }, minItems: "1", max_items: "3" },
			{ type: "array", items: { type: "object", properties: {} }, minItems: 1, maxItems: 3 },
		],
		[
			{ any_of: [{ type: "STRING" }, { type: "INTEGER" }], nullable: true },
			{ anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] },
		],
		[{ type: "TYPE_UNSPECIFIED", title: "T" }, { title: "T" }],
		[
			{ type: "OBJECT", properties: null, required: null, default: null },
			{ type: "object", default: null },
		],
		[
			{ ref: "#/defs/a", defs: { a: { type: "STRING" } } },
			{ $ref: "#/$defs/a", $defs: { a: { type: "string" } } },
		],
		[
			{ $ref: "#/$defs/a", nullable: true, $defs: {} },
			{ $ref: "#/$defs/a", nullable: true, $defs: {} },
		],
	])("%j is %j in JSON Schema", (schema, expected) => {
		expect(toJsonSchema({ ...schema })).toEqual(expected);
	});

	test("keeps the names of properties, whatever they look like", () => {
		const properties = { any_of: { type: "STRING" }, type: { type: "STRING" }, nullable: { type: "BOOLEAN" } };
		expect(toJsonSchema({ type: "OBJECT", properties, required: ["any_of", "type"] })).toEqual({
			type: "object",
			properties: { any_of: { type: "string" }, type: { type: "string" }, nullable: { type: "boolean" } },
			required: ["any_of", "type"],
		});
	});

	test("writes properties in the order it asks for, and those it does not name after them", () => {
		const one = { type: "STRING" };
		const schema = toJsonSchema({
			type: "OBJECT",
			properties: { a: one, b: { ...one, propertyOrdering: ["x"] }, c: one },
			propertyOrdering: ["c", "a", "toString", "c", 5],
		});
		expect(JSON.stringify(schema)).toBe(
			'{"type":"object","properties":{"c":{"type":"string"},"a":{"type":"string"},"b":{"type":"string"}}}',
		);
	});

	test("can be enforced once it is JSON Schema", () => {
		const recipe = {
			type: "OBJECT",
			nullable: true,
			properties: {
				name: { type: "STRING", description: "Of the dish" },
				ingredients: { type: "ARRAY", items: { type: "STRING" }, minItems: "1", maxItems: "3" },
				rating: { type: "INTEGER", format: "int32", minimum: 1, maximum: 5, nullable: true },
				kind: { type: "STRING", format: "enum", enum: ["SWEET", "SALTY"], nullable: true },
				amount: { anyOf: [{ type: "NUMBER" }, { type: "STRING" }], nullable: true },
			},
			required: ["name"],
			propertyOrdering: ["kind", "name"],
		};
		const rules = createRuleBook();
		const expression = addSchema(rules, toJsonSchema(recipe));
		expect(expression).toMatchObject({ ok: true });
		expect(addSchema(createRuleBook(), toJsonSchema({ type: "OBJECT", contains: {} })), "never ignored").toMatchObject({
			ok: false,
			error: { keyword: "contains" },
		});
	});

	test("nested deeper than anything that can be enforced is left for the engine to refuse", () => {
		let deep: { readonly [key: string]: unknown } = { type: "STRING" };
		for (let level = 0; level < 5_000; level++) deep = { type: "ARRAY", items: deep };
		expect(addSchema(createRuleBook(), toJsonSchema(deep))).toMatchObject({ ok: false });
	});
});

test("JSON Schema passes as it is", () => {
	const schema = {
		$schema: "https://json-schema.org/draft/2020-12/schema",
		type: "object",
		properties: { a: { type: ["string", "null"], const: null }, b: { oneOf: [{ const: 1 }, { enum: [null] }] } },
		additionalProperties: { type: "string" },
		$defs: { x: { type: "array", prefixItems: [{ type: "string" }], items: false } },
	};
	expect(toJsonSchema(schema)).toEqual(schema);
});
