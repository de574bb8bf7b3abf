import { expect, test } from "vitest";
import { question } from "../stand-in-testing.ts";
import { createLinuxSources } from "./linux.ts";
import { plantTree } from "./testing.ts";

test("a computer with nothing that tells anything has sources that say so, each in words of its own", async () => {
	const tree = plantTree();
	const nowhere = `unix:path=${tree.root}/bus`;
	const environment = { DBUS_SESSION_BUS_ADDRESS: nowhere, DBUS_SYSTEM_BUS_ADDRESS: nowhere };
	const sources = createLinuxSources({ environment, root: tree.root });
	expect(new Set(sources.map(({ name }) => name)).size).toBe(sources.length);
	for (const source of sources) {
		const looked = await source.look(question({ programs: ["obs"] }));
		if (!looked.ok) expect([source.name, looked.error.kind]).toEqual([source.name, "absent"]);
		await source.stop();
	}
	tree.remove();
});

test.skipIf(process.platform !== "linux")(
	"this computer tells its processor and memory, whatever else it has",
	async () => {
		const sources = createLinuxSources({ environment: process.env });
		const looked = await Promise.all(sources.map((source) => source.look(question({ ownProcessIds: [process.pid] }))));
		const sights = looked.filter((each) => each.ok).map(({ value }) => value);
		expect(sights.some(({ memory }) => memory !== undefined && memory.availableBytes > 0)).toBe(true);
		for (const source of sources) await source.stop();
	},
);
