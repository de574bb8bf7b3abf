import fc from "fast-check";
import { expect, it } from "vitest";
import { ORDER_PAGE_LINES, pagesOf, sortByFamily } from "./family-order.ts";

it("sorts lines by family, and within a family by line, however large or negative the families' numbers", () => {
	const family = fc.oneof(fc.nat(5), fc.maxSafeInteger());
	fc.assert(
		fc.property(fc.array(family, { maxLength: 50 }), (families) => {
			const wanted = [...families.keys()].sort(
				(left, right) => Math.sign((families[left] ?? 0) - (families[right] ?? 0)) || left - right,
			);
			expect([...sortByFamily(Float64Array.from(families))]).toEqual(wanted);
		}),
	);
});

it("cuts an order into full pages and a rest", () => {
	const order = Uint32Array.from({ length: ORDER_PAGE_LINES + 3 }, (_, line) => line);
	const pages = pagesOf(order);
	expect(pages.map((page) => page.length)).toEqual([ORDER_PAGE_LINES, 3]);
	expect(pages.flatMap((page) => [...page])).toEqual([...order]);
	expect(pagesOf(new Uint32Array(0))).toEqual([]);
});
