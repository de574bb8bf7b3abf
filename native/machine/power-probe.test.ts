import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPowerProbe, kindOf } from "./power-probe.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-power-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true, force: true });
});

/** Stands in for NVIDIA's tool: a shell script, for a test machine need not have a GPU. */
function tool(script: string): string {
	const path = join(folder, "nvidia-smi");
	writeFileSync(path, `#!/bin/sh\n${script}\n`);
	chmodSync(path, 0o700);
	return path;
}

const patience = () => AbortSignal.timeout(30_000);

describe.skipIf(process.platform === "win32")("NVIDIA's tool", () => {
	test("tells the power of every GPU that has a sensor", async () => {
		const output = "NVIDIA GeForce RTX 4090, 312.45\nNVIDIA GeForce MX150, [N/A]\nNVIDIA H200, 71.02\n";
		const seen = await createPowerProbe(tool(`printf '%s' '${output}'`))(patience());
		expect(seen).toMatchObject({
			ok: true,
			value: {
				gpus: [
					{ name: "NVIDIA GeForce RTX 4090", watts: 312.45 },
					{ name: "NVIDIA H200", watts: 71.02 },
				],
			},
		});
	});

	test("is asked for nothing but names and power", async () => {
		const seen = await createPowerProbe(tool('echo "$*, 1"'))(patience());
		expect(seen).toMatchObject({
			ok: true,
			value: {
				gpus: [{ name: "--query-gpu=name,power.draw --format=csv,noheader,nounits", watts: 1 }],
			},
		});
	});

	test("that fails makes a failed look that says so", async () => {
		const seen = await createPowerProbe(tool("echo driver gone >&2; exit 9"))(patience());
		expect(seen).toMatchObject({ ok: false, error: { message: expect.stringContaining("Command failed") } });
	});

	test("that hangs is ended when the look's time is up", async () => {
		const hanging = new AbortController();
		const look = createPowerProbe(tool("exec sleep 600"))(hanging.signal);
		hanging.abort();
		expect(await look).toEqual({ ok: false, error: { message: "nvidia-smi took too long" } });
	});
});

test("a computer without that tool has no GPU that tells anything", async () => {
	const seen = await createPowerProbe(join(folder, "nowhere"))(patience());
	expect(seen).toEqual({ ok: true, value: { kind: expect.any(String), gpus: [] } });
});

test("the firmware's many names of a chassis come down to two kinds", () => {
	expect(["Notebook", "Laptop", "Convertible", "Sub Notebook"].map(kindOf)).toEqual(Array(4).fill("laptop"));
	expect(["Desktop", "Mini Tower", "All in One", "Mini PC"].map(kindOf)).toEqual(Array(4).fill("desktop"));
	expect(["", "Other", "Rack Mount Chassis"].map(kindOf)).toEqual(Array(3).fill("unknown"));
});
