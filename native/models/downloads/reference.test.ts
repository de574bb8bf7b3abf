import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseFiles, quantizationOf } from "./choose-file.ts";
import { isSafeFileName, parseReference } from "./reference.ts";

const HUB = "https://huggingface.co";
const hub = (repository: string, rest: object = {}) => ({
	ok: true,
	value: { kind: "hub", repository, revision: "main", path: null, quantization: null, ...rest },
});

describe("a reference", () => {
	test.each([
		["hf:Qwen/Qwen3-8B-GGUF", hub("Qwen/Qwen3-8B-GGUF")],
		["hf:Qwen/Qwen3-8B-GGUF:Q4_K_M", hub("Qwen/Qwen3-8B-GGUF", { quantization: "Q4_K_M" })],
		["hf:a/b/x.gguf", hub("a/b", { path: "x.gguf" })],
		["hf:a/b/Q8_0/x-00001-of-00002.gguf", hub("a/b", { path: "Q8_0/x-00001-of-00002.gguf" })],
		["https://huggingface.co/a/b", hub("a/b")],
		["https://huggingface.co/a/b/blob/main/x.gguf", hub("a/b", { path: "x.gguf" })],
		["https://huggingface.co/a/b/resolve/v2/x.gguf?download=true", hub("a/b", { revision: "v2", path: "x.gguf" })],
		["https://example.com/a/x.gguf", { ok: true, value: { kind: "address", url: "https://example.com/a/x.gguf" } }],
	])("%s is understood", (text, expected) => {
		expect(parseReference(text, HUB)).toEqual(expected);
	});

	test.each([
		"",
		"qwen",
		"hf:",
		"hf:a",
		"hf:a/b/notes.txt",
		"hf:a/b/../../x.gguf",
		"hf:../b",
		"hf:a/..b",
		"hf:a/b:",
		"http://example.com/x.gguf",
		"http://127.0.0.1:11434/x.gguf",
		"file:///etc/x.gguf",
		"https://user:secret@example.com/x.gguf",
		"https://example.com/x.bin",
		"https://example.com/%00x.gguf",
		"https://example.com/%zz.gguf",
		"https://example.com/con.gguf",
	])("%j is refused with the forms there are", (text) => {
		expect(parseReference(text, HUB)).toMatchObject({ ok: false, error: { message: expect.stringMatching(/\S\.$/) } });
	});

	test("never leads to a name with a folder in it, whatever is written", () => {
		const pieces = fc.array(
			fc.constantFrom("hf:", "a", "/", "..", ".", "\\", "%2f", ":", "https://", "x.gguf", "\0", "%5c"),
		);
		fc.assert(
			fc.property(pieces, (parts) => {
				const parsed = parseReference(parts.join(""), HUB);
				if (!parsed.ok || parsed.value.kind === "address") return;
				expect(parsed.value.repository).not.toContain("..");
				const path = parsed.value.path ?? "x.gguf";
				expect(path.split("/")).not.toContain("..");
				expect(isSafeFileName(path.split("/").at(-1) ?? "")).toBe(true);
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe("the file that is chosen", () => {
	const files = (...paths: string[]) => paths.map((path) => ({ path, sizeBytes: 1, sha256: null }));
	const choose = (wish: { path?: string; quantization?: string }, ...paths: string[]) => {
		const chosen = chooseFiles(files(...paths), { path: null, quantization: null, ...wish });
		return chosen.ok ? chosen.value.map(({ path }) => path) : chosen.error.message;
	};

	test("is the usual quantization, else the nearest there is", () => {
		expect(choose({}, "m-Q2_K.gguf", "m-Q4_K_M.gguf", "m-Q8_0.gguf", "m-UD-Q4_K_M.gguf")).toEqual(["m-Q4_K_M.gguf"]);
		expect(choose({}, "m-Q2_K.gguf", "m-Q5_K_M.gguf", "m-F16.gguf")).toEqual(["m-Q5_K_M.gguf"]);
		expect(choose({}, "gpt-oss-20b-mxfp4.gguf", "README.md")).toEqual(["gpt-oss-20b-mxfp4.gguf"]);
		expect(choose({}, "plain.gguf", "mmproj-model-Q4_K_M.gguf")).toEqual(["plain.gguf"]);
	});

	test("is the one that was asked for, and never another", () => {
		expect(choose({ quantization: "q8_0" }, "m-Q4_K_M.gguf", "m.Q8_0.gguf")).toEqual(["m.Q8_0.gguf"]);
		expect(choose({ quantization: "Q6_K" }, "m-Q4_K_M.gguf", "m-Q6_K_L.gguf")).toContain("Q4_K_M, Q6_K_L");
		expect(choose({ path: "b.gguf" }, "a.gguf", "b.gguf")).toEqual(["b.gguf"]);
		expect(choose({}, "README.md", "model.safetensors")).toContain("no GGUF file");
	});

	test("is all parts of a split model, or none of them", () => {
		const parts = ["Q4_K_M/m-Q4_K_M-00001-of-00002.gguf", "Q4_K_M/m-Q4_K_M-00002-of-00002.gguf"];
		expect(choose({}, ...parts, "m-Q2_K.gguf")).toEqual(parts);
		expect(choose({ path: parts[0] ?? "" }, ...parts)).toEqual(parts);
		expect(choose({}, parts[0] ?? "")).toContain("missing");
	});

	test("is told by its name or folder", () => {
		expect(quantizationOf("Qwen3-30B-A3B-Q4_K_M.gguf")).toBe("Q4_K_M");
		expect(quantizationOf("BF16/m-00001-of-00002.gguf")).toBe("BF16");
		expect(quantizationOf("qwen2.5-7b-instruct-q5_0.gguf")).toBe("Q5_0");
		expect(quantizationOf("m-UD-Q4_K_XL.gguf")).toBe("UD-Q4_K_XL");
		expect(quantizationOf("plain.gguf")).toBeNull();
	});
});
