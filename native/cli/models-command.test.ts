import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { locate } from "../locations/locations.ts";
import { exitCodes } from "./exit-codes.ts";
import { modelsCommand } from "./models-command.ts";

let dataDir: string;
beforeEach(() => {
	dataDir = mkdtempSync(join(tmpdir(), "nightshift-models-"));
});
afterEach(() => {
	vi.restoreAllMocks();
	rmSync(dataDir, { recursive: true, force: true });
});

/** What the command prints. */
function printed(): string {
	const written: string[] = [];
	vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
	expect(modelsCommand({ dataDir })).toBe(exitCodes.done);
	return written.join("");
}

test("the models are listed, with the folder for more", () => {
	const { modelsDir } = locate(dataDir);
	mkdirSync(modelsDir, { recursive: true });
	writeFileSync(join(modelsDir, "qwen.gguf"), Buffer.alloc(2_000_000));
	const text = printed();
	expect(text).toContain(`qwen        2 MB  ${join(modelsDir, "qwen.gguf")}\n`);
	expect(text).toMatch(/^demo .*\.gguf$/m);
	expect(text).toContain(`Put GGUF files into ${modelsDir}`);
	expect(text).not.toContain("answered by");
});

test("names that another model answers for are listed too, and those whose model is gone", () => {
	const models = { map: { "gpt-4o-mini": "demo.gguf", "gpt-4o": "mistral" }, default: "qwen" };
	writeFileSync(locate(dataDir).settingsPath, JSON.stringify({ models }));
	const text = printed();
	expect(text).toContain("gpt-4o-mini is answered by demo.\n");
	expect(text).toContain("gpt-4o is answered by mistral, which is not here.\n");
	expect(text).toContain("Other names are answered by qwen, which is not here.\n");
});
