import { describe, expect, it } from "vitest";
import { fillTemplate, isTable, readTableHead, unknownColumns } from "./table-head.ts";

describe("the start of a table", () => {
	it("tells its columns and its first row, quotes, line ends in quotes and a byte order mark included", () => {
		const head = readTableHead("a.csv", '\uFEFFid,"the ""text""",label\r\n7,"two\nlines, one field",x\r\n8,,\r\n');
		expect(head.columns).toEqual(["id", 'the "text"', "label"]);
		expect(head.firstRow).toEqual(["7", "two\nlines, one field", "x"]);
	});

	it("is parted by what parts it: commas, semicolons or tabs", () => {
		expect(readTableHead("a.csv", "a;b\n1;2").columns).toEqual(["a", "b"]);
		expect(readTableHead("a.csv", "a,b;c\n1,2").columns).toEqual(["a", "b;c"]);
		expect(readTableHead("a.tsv", "a,b\tc\n").columns).toEqual(["a,b", "c"]);
	});

	it("is whole without a line end, and nothing where a quote stays open", () => {
		expect(readTableHead("a.csv", "only").columns).toEqual(["only"]);
		expect(readTableHead("a.csv", "only").firstRow).toBeNull();
		expect(readTableHead("a.csv", '"open,b\n1,2').columns).toEqual([]);
	});

	it("is told from JSON by its first line, as the service does", () => {
		expect(isTable("a.CSV", "a,b\n")).toBe(true);
		expect(isTable("a.csv", ' {"custom_id": 1}')).toBe(false);
		expect(isTable("a.jsonl", "a,b\n")).toBe(false);
	});
});

describe("a template", () => {
	const head = readTableHead("a.csv", "id,text\n7,$& and $1\n");

	it("is filled with the values as they are, whatever they look like", () => {
		expect(fillTemplate("{{ text }} ({{id}}) {{none}}", head)).toBe("$& and $1 (7) {{none}}");
	});

	it("has its unknown columns named once each", () => {
		expect(unknownColumns("{{text}} {{who}} {{ who }} {{}}", head)).toEqual(["who", ""]);
	});
});
