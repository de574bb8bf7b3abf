/**
 * Google's schema language into JSON Schema. It is a part of OpenAPI's: types in capitals, `nullable`, counts as texts, and the
 * order of properties in a list of its own. Schemas that are JSON Schema already pass through, but for that order. What is in
 * neither language stays, so that the engine can refuse it by its name and place.
 */

type Schema = { readonly [key: string]: unknown };

/** Deeper than any schema that can be enforced; below it the schema is left as it is, for the engine to refuse. */
const DEPTH_LIMIT = 64;

/** Keywords Google hears in snake_case too. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
	["any_of", "anyOf"],
	["max_items", "maxItems"],
	["min_items", "minItems"],
	["max_length", "maxLength"],
	["min_length", "minLength"],
	["max_properties", "maxProperties"],
	["min_properties", "minProperties"],
	["prefix_items", "prefixItems"],
	["additional_properties", "additionalProperties"],
	["property_ordering", "propertyOrdering"],
	["ref", "$ref"],
	["defs", "$defs"],
]);

const COUNTS: ReadonlySet<string> = new Set([
	"maxItems",
	"minItems",
	"maxLength",
	"minLength",
	"maxProperties",
	"minProperties",
]);

/** Formats whose letters the engine can enforce. Google takes any other as a hint, and so do we. */
const FORMATS: ReadonlySet<unknown> = new Set(["date", "time", "date-time", "uuid", "ipv4", "email"]);

/** A schema of either language as JSON Schema. */
export function toJsonSchema(schema: Schema): Schema {
	return convert(schema, 0);
}

function convert(given: Schema, depth: number): Schema {
	if (depth > DEPTH_LIMIT) return given;
	const { propertyOrdering, nullable, ...keywords }: Schema = Object.fromEntries(
		Object.entries(given).map(([key, value]) => [SPELLINGS.get(key) ?? key, value]),
	);
	const converted = new Map<string, unknown>();
	for (const [keyword, value] of Object.entries(keywords)) {
		// Google's clients write null for what is not said; a value of null means something in these two alone.
		if (value === null && keyword !== "default" && keyword !== "const") continue;
		if (keyword === "format" && !FORMATS.has(value)) continue;
		if (keyword === "type" && value === "TYPE_UNSPECIFIED") continue;
		converted.set(keyword, convertKeyword(keyword, value, depth));
	}
	const properties = converted.get("properties");
	if (isSchema(properties)) converted.set("properties", inOrder(properties, propertyOrdering));
	const schema = withNumbers(Object.fromEntries(converted));
	return nullable === true ? orNull(schema) : schema;
}

function convertKeyword(keyword: string, value: unknown, depth: number): unknown {
	switch (keyword) {
		case "type":
			return Array.isArray(value) ? value.map(lowerCase) : lowerCase(value);
		case "items":
		case "additionalProperties":
			return convertInside(value, depth);
		case "properties":
		case "$defs":
		case "definitions":
			if (!isSchema(value)) return value;
			return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, convertInside(inner, depth)]));
		case "anyOf":
		case "oneOf":
		case "allOf":
		case "prefixItems":
			return Array.isArray(value) ? value.map((inner) => convertInside(inner, depth)) : value;
		case "$ref":
			return typeof value === "string" ? value.replace(/^#\/defs\//, "#/$defs/") : value;
		default:
			return COUNTS.has(keyword) && typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
	}
}

function convertInside(value: unknown, depth: number): unknown {
	return isSchema(value) ? convert(value, depth + 1) : value;
}

/** The order in which properties are written is that of the schema. Those the list leaves out come after it. */
function inOrder(properties: Schema, ordering: unknown): Schema {
	if (!Array.isArray(ordering)) return properties;
	const listed = ordering.filter((name) => typeof name === "string" && Object.hasOwn(properties, name));
	const names = new Set([...listed, ...Object.keys(properties)]);
	return Object.fromEntries([...names].map((name) => [name, properties[name]]));
}

/** Google writes the values of every `enum` as texts, those of numbers too. */
function withNumbers(schema: Schema): Schema {
	const { type, enum: values } = schema;
	if ((type !== "integer" && type !== "number") || !Array.isArray(values)) return schema;
	const isNumeric = (value: unknown) => typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value);
	return { ...schema, enum: values.map((value) => (isNumeric(value) ? Number(value) : value)) };
}

function orNull(schema: Schema): Schema {
	const { type, enum: values, anyOf } = schema;
	if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: "null" }] };
	if (type === undefined && values === undefined) return { ...schema, nullable: true };
	return {
		...schema,
		...(typeof type === "string" ? { type: [type, "null"] } : {}),
		...(Array.isArray(values) ? { enum: [...values, null] } : {}),
	};
}

function lowerCase(value: unknown): unknown {
	return typeof value === "string" ? value.toLowerCase() : value;
}

function isSchema(value: unknown): value is Schema {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
