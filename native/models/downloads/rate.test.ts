import { expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { hubSettings } from "./hub-settings.ts";
import { createRate } from "./rate.ts";

test("the rate is that of the last seconds, falls to nothing in silence, and is not told too early", () => {
	const rate = createRate(1_000);
	rate.add(1_000, 1_100);
	expect(rate.at(1_200)).toBeNull();
	for (let atMs = 1_200; atMs <= 11_000; atMs += 100) rate.add(100, atMs);
	expect(rate.at(11_000)).toBeGreaterThan(900);
	expect(rate.at(11_000)).toBeLessThan(1_100);
	expect(rate.at(17_000)).toBe(0);
});

test("the Hub and its token are those the environment names, unless they can't be", () => {
	expect(hubSettings({}, silentLog)).toEqual({ hubAddress: "https://huggingface.co", hubToken: null });
	const mirror = { HF_ENDPOINT: " https://hf.example ", HF_TOKEN: "hf_x\n" };
	expect(hubSettings(mirror, silentLog)).toEqual({ hubAddress: "https://hf.example", hubToken: "hf_x" });
	const warnings: string[] = [];
	const log = { ...silentLog, warn: (_fields: object, message: string) => warnings.push(message) };
	const broken = { HF_ENDPOINT: "ftp://hf.example", HF_TOKEN: "two words" };
	expect(hubSettings(broken, log)).toEqual({ hubAddress: "https://huggingface.co", hubToken: null });
	expect(warnings).toHaveLength(1);
});
