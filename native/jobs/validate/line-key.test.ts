import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDigestTable } from "./digest-table.ts";
import { createLineFamilies, createLineKeys, digestOf } from "./line-key.ts";
import { chatLine, validate } from "./testing.ts";

const hex = (key: Uint8Array | undefined) => Buffer.from(key ?? []).toString("hex");

describe("a digest table", () => {
	test("keeps and counts as a map would, through all its growth", () => {
		fc.assert(
			fc.property(fc.array(fc.nat(2_000), { maxLength: 5_000, size: "max" }), (values) => {
				const table = createDigestTable();
				const counts = createDigestTable();
				const firsts = new Map<number, number>();
				const counted = new Map<number, number>();
				for (const [index, value] of values.entries()) {
					const digest = digestOf(`${value}`);
					expect(table.claim(digest, index + 1)).toBe(firsts.get(value) ?? 0);
					expect(counts.increment(digest)).toBe(counted.get(value) ?? 0);
					if (!firsts.has(value)) firsts.set(value, index + 1);
					counted.set(value, (counted.get(value) ?? 0) + 1);
				}
			}),
			{ numRuns: 20 },
		);
	});
});

describe("a line's key", () => {
	test("is of its content, not of its place, spacing or custom_id", async () => {
		const spaced = JSON.stringify(JSON.parse(chatLine("b")), null, " ").replaceAll("\n", "");
		const one = await validate(`${chatLine("a")}\n${chatLine("x", {}, { n: 2 })}\n`);
		const other = await validate(`${chatLine("y", {}, { n: 3 })}\n${spaced}\n`);
		expect(hex(one.lines[0]?.key)).toHaveLength(32);
		expect(hex(one.lines[0]?.key)).toBe(hex(other.lines[1]?.key));
		expect(hex(one.lines[1]?.key)).not.toBe(hex(other.lines[0]?.key));
	});

	test("of equal lines is told apart by their order, the same in every file", () => {
		const keysOf = (count: number) => {
			const keys = createLineKeys();
			return Array.from({ length: count }, () => hex(keys.next("/v1/completions", { prompt: "a" })));
		};
		expect(new Set(keysOf(5_000)).size).toBe(5_000);
		expect(keysOf(3)).toEqual(keysOf(5_000).slice(0, 3));
	});

	test("depends on the url", () => {
		expect(hex(createLineKeys().next("/v1/a", {}))).not.toBe(hex(createLineKeys().next("/v1/b", {})));
	});
});

describe("a line's family", () => {
	const chat = (system: string, user: string) => ({
		messages: [
			{ role: "system", content: system },
			{ role: "user", content: user },
		],
	});

	test("is that of the first message and the model, in 48 bits", () => {
		const familyOf = createLineFamilies();
		const first = familyOf("m", chat("Classify.", "a"));
		expect(familyOf("m", chat("Translate.", "a"))).not.toBe(first);
		expect(familyOf("m", chat("Classify.", "b"))).toBe(first);
		expect(familyOf("n", chat("Classify.", "b"))).not.toBe(first);
		expect(Number.isSafeInteger(first)).toBe(true);
		expect(first).toBeLessThan(2 ** 48);
	});

	test("of completions is that of the start of the prompt, whatever form it has", () => {
		const familyOf = createLineFamilies();
		const start = "x".repeat(2_000);
		expect(familyOf("m", { prompt: `${start}a` })).toBe(familyOf("m", { prompt: [`${start}b`] }));
		expect(familyOf("m", { prompt: [1, 2] })).not.toBe(familyOf("m", { prompt: [1, 3] }));
		expect(familyOf("m", { prompt: null })).toBe(familyOf("m", { prompt: null }));
	});
});
