import { beforeEach, describe, expect, test } from "vitest";
import type { MachineSnapshot } from "../contract/contract.ts";
import { noOwnProcesses, subtractOwnUse } from "./own-use.ts";
import { createPowerProbe, kindOf } from "./power-probe.ts";
import { sampleGpu } from "./source-testing.ts";
import { sampleSnapshot } from "./testing.ts";

let seen: Partial<MachineSnapshot>;
beforeEach(() => {
	seen = {};
});

/** A computer that shows what the test says. */
const machine = { look: async () => sampleSnapshot(seen) };
const patience = () => AbortSignal.timeout(30_000);
const gpu = (name: string, powerWatts: number | null) =>
	subtractOwnUse({ ...sampleGpu({ id: name, name, powerWatts }), source: "NVML" }, noOwnProcesses);

describe("a look at the power", () => {
	test("tells what every GPU draws that has a sensor", async () => {
		seen = { gpus: [gpu("NVIDIA GeForce RTX 4090", 312.45), gpu("MX150", null), gpu("Radeon RX 7900", 71.02)] };
		expect(await createPowerProbe(machine)(patience())).toEqual({
			ok: true,
			value: {
				kind: expect.any(String),
				gpus: [
					{ name: "NVIDIA GeForce RTX 4090", watts: 312.45 },
					{ name: "Radeon RX 7900", watts: 71.02 },
				],
			},
		});
	});

	test("finds no GPU that tells anything where there is none", async () => {
		expect(await createPowerProbe(machine)(patience())).toMatchObject({ ok: true, value: { gpus: [] } });
	});

	test("failed where GPUs told what they draw before and none does now, and says why", async () => {
		const probe = createPowerProbe(machine);
		seen = { gpus: [gpu("Test GPU", 100)] };
		expect(await probe(patience())).toMatchObject({ ok: true });
		seen = { sources: [{ name: "NVML", state: "failed", detail: "the driver is gone" }] };
		for (let time = 0; time < 2; time++) {
			expect(await probe(patience())).toEqual({
				ok: false,
				error: { message: "no GPU tells what it draws any more; NVML: the driver is gone" },
			});
		}
		seen = { gpus: [gpu("Test GPU", 100)] };
		expect(await probe(patience())).toMatchObject({ ok: true });
	});

	test("that hangs is over when its time is up", async () => {
		const hanging = new AbortController();
		const look = createPowerProbe({ look: () => new Promise(() => {}) })(hanging.signal);
		hanging.abort();
		expect(await look).toEqual({ ok: false, error: { message: "looking at the power took too long" } });
	});
});

test("the firmware's many names of a chassis come down to two kinds", () => {
	expect(["Notebook", "Laptop", "Convertible", "Sub Notebook"].map(kindOf)).toEqual(Array(4).fill("laptop"));
	expect(["Desktop", "Mini Tower", "All in One", "Mini PC"].map(kindOf)).toEqual(Array(4).fill("desktop"));
	expect(["", "Other", "Rack Mount Chassis"].map(kindOf)).toEqual(Array(3).fill("unknown"));
});
