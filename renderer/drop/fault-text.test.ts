import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultsAsText, offendingText, readLines } from "./fault-text.ts";

function streamOf(text: string, pieceBytes: number): ReadableStream<Uint8Array<ArrayBuffer>> {
	const bytes = new TextEncoder().encode(text);
	let at = 0;
	return new ReadableStream({
		pull(controller) {
			if (at >= bytes.length) return controller.close();
			controller.enqueue(bytes.slice(at, at + pieceBytes));
			at += pieceBytes;
		},
	});
}

describe("the lines that faults are about", () => {
	it("are found whatever pieces the file comes in", async () => {
		const line = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll(/[\r\n\uFEFF]/g, "x"));
		await fc.assert(
			fc.asyncProperty(
				fc.array(line, { minLength: 1 }),
				fc.integer({ min: 1, max: 9 }),
				fc.nat(),
				async (lines, piece, at) => {
					const wanted = (at % lines.length) + 1;
					const text = `${lines.join("\n")}\n`;
					expect(await readLines(streamOf(text, piece), new Set([wanted]))).toEqual(
						new Map([[wanted, lines[wanted - 1] ?? ""]]),
					);
				},
			),
		);
	});

	it("are read without mark, line end or newline at the end, and left out beyond the file's end", async () => {
		const found = await readLines(streamOf("\uFEFFone\r\ntwo", 3), new Set([1, 2, 9]));
		expect([...found]).toEqual([
			[1, "one"],
			[2, "two"],
		]);
	});
});

describe("the text a fault is about", () => {
	const line = JSON.stringify({ custom_id: "a", body: { messages: [{ role: "wizard" }] } });

	it("is the field's value, or what a missing field is missing from", () => {
		expect(offendingText(line, "body.messages[0].role")).toBe('"wizard"');
		expect(offendingText(line, "body.messages[0].content")).toBe('{"role":"wizard"}');
		expect(offendingText(line, "body.messages[3]")).toBe('[{"role":"wizard"}]');
	});

	it("is the start of the line where that is no JSON or no field is named", () => {
		expect(offendingText("{broken", "body")).toBe("{broken");
		expect(offendingText("x".repeat(500), null)).toBe(`${"x".repeat(160)}…`);
	});

	it("is copied with its fault as rows of a spreadsheet", () => {
		const faults = [
			{ code: "invalid_request", line: 2, param: "body.model", message: "Not\there" },
			{ code: "invalid_request", line: null, param: null, message: "There are 7 more faults, not listed." },
		];
		const lines = new Map([[2, '{"body":{"model":7}}']]);
		expect(faultsAsText(faults, lines, ["Line", "Field", "What is wrong", "Text"])).toBe(
			"Line\tField\tWhat is wrong\tText\n2\tbody.model\tNot here\t7\n\t\tThere are 7 more faults, not listed.\t",
		);
	});
});
