import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Clock, type Log, silentLog } from "../../base/base.ts";
import { foreignModelLocations } from "../../locations/foreign-models.ts";
import { createModels, type Models, noModelNames } from "../models.ts";

let home: string;
let nowMs: number;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };

beforeEach(() => {
	nowMs = 1_000_000;
	home = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-foreign-")));
});
afterEach(() => rmSync(home, { recursive: true }));

function put(path: string, content = "GGUF"): string {
	const full = join(home, path);
	mkdirSync(dirname(full), { recursive: true });
	writeFileSync(full, content);
	return full;
}

function models(environment: NodeJS.ProcessEnv = {}, log: Log = silentLog): Models {
	return createModels({
		modelsDir: join(home, "ours"),
		demoModelPath: join(home, "bundled.gguf"),
		modelDigestsPath: join(home, "digests.json"),
		names: () => noModelNames,
		foreign: foreignModelLocations(environment, home, "darwin"),
		clock,
		log,
	});
}

const names = (listed: Models) => listed.list().map(({ name, place }) => `${place}: ${name}`);

/** An Ollama model whose blob holds some content. */
function putOllama(tag: string, content = "GGUF", root = ".ollama/models"): void {
	const digest = Buffer.from(tag).toString("hex").padEnd(64, "0").slice(0, 64);
	put(`${root}/blobs/sha256-${digest}`, content);
	const layers = [
		{ mediaType: "application/vnd.ollama.image.license", digest: `sha256:${"1".repeat(64)}`, size: 1 },
		{ mediaType: "application/vnd.ollama.image.model", digest: `sha256:${digest}`, size: 4 },
	];
	put(`${root}/manifests/registry.ollama.ai/${tag}`, JSON.stringify({ schemaVersion: 2, layers }));
}

describe("models of other programs", () => {
	test("are found where LM Studio keeps them, without projectors and later parts", () => {
		for (const file of [
			"qwen.gguf",
			"mmproj-qwen.gguf",
			"big-00001-of-00002.gguf",
			"big-00002-of-00002.gguf",
			"a.json",
		]) {
			put(`.lmstudio/models/publisher/repository/${file}`);
		}
		const listed = models();
		expect(names(listed)).toEqual(["lm-studio: big-00001-of-00002", "lm-studio: qwen"]);
		expect(listed.list()[0]?.sizeBytes).toBe(8);
		for (const found of [listed.find("qwen"), listed.choose("qwen")]) expect(found).toMatchObject({ ok: true });
		for (const found of [listed.named("qwen"), listed.resolve("qwen")]) expect(found?.place).toBe("lm-studio");
	});

	test("are found in the folders that LM Studio's pointer and settings name", () => {
		put("elsewhere/models/p/r/pointed.gguf");
		put(".lmstudio-home-pointer", `${join(home, "elsewhere")}\n`);
		put("disk/p/r/chosen.gguf");
		put("elsewhere/settings.json", `\uFEFF${JSON.stringify({ downloadsFolder: join(home, "disk"), other: 1 })}`);
		put(".cache/lm-studio/models/p/r/old.gguf");
		expect(names(models())).toEqual(["lm-studio: chosen", "lm-studio: pointed", "lm-studio: old"]);
	});

	test("are found behind Ollama's manifests, if the blob is a GGUF file", () => {
		putOllama("library/llama3.2/3b");
		putOllama("someone/tuned/latest");
		putOllama("library/odd/latest", "other bytes");
		put(".ollama/models/manifests/registry.ollama.ai/library/gone/latest", "{}");
		put(".ollama/models/manifests/hf.co/owner/repo/Q4_K_M", '{"layers":[]}');
		const listed = models();
		expect(names(listed)).toEqual(["ollama: ollama/llama3.2:3b", "ollama: ollama/someone/tuned:latest"]);
		expect(listed.find("ollama/llama3.2:3b")).toMatchObject({ ok: true, value: { sizeBytes: 4 } });
	});

	test("of a manifest that points out of the blobs are none", () => {
		put("secret.gguf");
		const layers = [{ mediaType: "application/vnd.ollama.image.model", digest: "sha256:../../../../secret.gguf" }];
		put(".ollama/models/manifests/registry.ollama.ai/library/evil/latest", JSON.stringify({ layers }));
		expect(names(models())).toEqual([]);
	});

	test("are found in the Hugging Face cache, each once, by the revision of main", () => {
		const repository = "hf/hub/models--owner--repo";
		const blob = put(`${repository}/blobs/abc`);
		for (const revision of ["1111", "2222"]) {
			const folder = join(home, repository, "snapshots", revision, "Q4");
			mkdirSync(folder, { recursive: true });
			symlinkSync(blob, join(folder, "model.gguf"));
			symlinkSync(join(home, "gone"), join(folder, "unfinished.gguf"));
		}
		put(`${repository}/refs/main`, "1111\n");
		const listed = models({ HF_HOME: join(home, "hf") });
		expect(listed.list()).toMatchObject([
			{ name: "model", place: "hugging-face", path: join(home, repository, "snapshots", "1111", "Q4", "model.gguf") },
		]);
	});

	test("have names of their own: ours win, a clash says whose it is", () => {
		put("ours/qwen.gguf");
		put("bundled.gguf");
		put(".lmstudio/models/p/r/qwen.gguf");
		put(".lmstudio/models/p/s/qwen.gguf");
		put(".lmstudio/models/p/s/demo.gguf");
		put("hf/hub/models--o--r/snapshots/1/qwen.gguf");
		expect(names(models({ HF_HOME: join(home, "hf") }))).toEqual([
			"nightshift: qwen",
			"bundled: demo",
			"lm-studio: lm-studio/qwen",
			"lm-studio: lm-studio/demo",
			"lm-studio: lm-studio/p/s/qwen",
			"hugging-face: hugging-face/qwen",
		]);
	});

	test("that come are seen after a while, and at once when somebody names them", () => {
		const listed = models();
		expect(names(listed)).toEqual([]);
		put(".lmstudio/models/p/r/new.gguf");
		expect(names(listed), "not read again at every look").toEqual([]);
		nowMs += 3_000;
		expect(listed.resolve("new")).toMatchObject({ name: "new" });
		put(".lmstudio/models/p/r/newer.gguf");
		nowMs += 31_000;
		expect(names(listed)).toHaveLength(2);
	});

	test.skipIf(process.getuid?.() === 0)("in folders that may not be read are passed over, which is told once", () => {
		put(".lmstudio/models/closed/r/x.gguf");
		put(".lmstudio/models/open/r/y.gguf");
		chmodSync(join(home, ".lmstudio/models/closed"), 0);
		const told: string[] = [];
		const listed = models({}, { ...silentLog, warn: (_fields, message) => told.push(message) });
		expect(names(listed)).toEqual(["lm-studio: y"]);
		nowMs += 31_000;
		listed.list();
		chmodSync(join(home, ".lmstudio/models/closed"), 0o700);
		expect(told).toHaveLength(1);
	});

	test("whose settings are damaged are told of once, and cost nothing else", () => {
		put(".lmstudio/settings.json", "{ nonsense");
		put(".lmstudio/models/p/r/x.gguf");
		const told: string[] = [];
		const listed = models({}, { ...silentLog, warn: (_fields, message) => told.push(message) });
		listed.list();
		nowMs += 31_000;
		expect(names(listed)).toEqual(["lm-studio: x"]);
		expect(told).toHaveLength(1);
	});

	test("are looked for in folders that are told, there or not", () => {
		put(".ollama/models/blobs/x");
		const folders = models().folders();
		expect(folders[0]).toEqual({ place: "nightshift", path: join(home, "ours"), exists: false });
		expect(folders.find(({ place }) => place === "ollama")).toMatchObject({ exists: true });
	});
});
