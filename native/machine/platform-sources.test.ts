import { expect, test } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { machineSnapshotSchema } from "../contract/contract.ts";
import { createMachine } from "./create-machine.ts";
import { platformSources } from "./platform-sources.ts";

test.each(["linux", "win32", "darwin", "freebsd"] as const)(
	"%s has sources told apart, with Node's below all",
	(platform) => {
		const names = platformSources({ platform, environment: {}, log: silentLog }).map(({ name }) => name);
		expect(new Set(names).size).toBe(names.length);
		expect(names.at(0)).toBe("NVML");
		expect(names.at(-1)).toBe("Node");
	},
);

test("all sources of this machine can be asked, and what they tell is a snapshot", async () => {
	const machine = createMachine({
		clock: systemClock,
		log: silentLog,
		sources: platformSources({ platform: process.platform, environment: process.env, log: silentLog }),
		inferenceProcessIds: () => [],
		programs: () => ["node"],
	});
	await machine.look();
	const snapshot = await machine.look();
	await machine.stop();
	expect(machineSnapshotSchema.parse(snapshot)).toEqual(snapshot);
	expect(snapshot.sources.find(({ name }) => name === "Node")).toMatchObject({ state: "answers" });
});
