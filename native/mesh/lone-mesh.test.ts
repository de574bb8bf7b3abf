import { afterEach, beforeEach, expect, test } from "vitest";
import { meshViewSchema } from "../contract/contract.ts";
import { sampleManifest } from "../ledger/testing/manifest.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "../ledger/testing/sqlite.ts";
import { createLoneMesh } from "./lone-mesh.ts";
import type { Mesh } from "./mesh.ts";
import { machineId, sampleAbout } from "./testing.ts";

let under: SqliteUnderTest;
let mesh: Mesh;
let name: string;
beforeEach(async () => {
	under = await sqliteUnderTest();
	name = "desk";
	const self = () => ({ id: machineId("desk"), name, hosting: "allowed", about: sampleAbout }) as const;
	mesh = createLoneMesh({ ledger: under.ledger, self });
});
afterEach(() => under.dispose());

async function makeBatch(machines?: { readonly only: readonly string[] | null; readonly never: readonly string[] }) {
	const { ledger } = under;
	const stored = await ledger.storeBytes(
		(async function* () {
			yield Buffer.from("{}\n");
		})(),
		1_000,
	);
	if (!stored.ok) throw new Error(stored.error.kind);
	const file = await ledger.createFile({ filename: "a.jsonl", purpose: "batch", expiresAtMs: null }, stored.value);
	const manifest = sampleManifest({ inputFileId: file.id, ...(machines === undefined ? {} : { machines }) });
	return (await ledger.createBatch(manifest, null)).batch.id;
}

test("it has this machine alone, as it is called now, and is switched off", () => {
	name = "workstation";
	const view = meshViewSchema.parse(mesh.view);
	expect(view).toMatchObject({ is_on: false, self: machineId("desk"), host: null, strangers: [] });
	expect(view.machines).toMatchObject([{ name: "workstation", is_self: true, is_online: true, is_host: false }]);
});

test("a machine that was never among others has no id, and is in no list", () => {
	const never = createLoneMesh({ ledger: under.ledger, self: () => null });
	expect(meshViewSchema.parse(never.view)).toMatchObject({ self: null, machines: [] });
});

test("what is asked about others is refused, with how to switch it on", async () => {
	const id = machineId("attic");
	const asked = await Promise.all([
		mesh.showCode(),
		mesh.invite(1_000),
		mesh.join("10.0.0.7:1", "1234 5678"),
		mesh.joinByToken("mesh1:x"),
		mesh.approve(id),
		mesh.remove(id),
		mesh.addAddress("10.0.0.7:1"),
		mesh.handOver(id),
		mesh.choose("batch_1", { only: null, never: [] }),
	]);
	for (const answer of asked) {
		expect(answer).toMatchObject({ ok: false, error: { kind: "switched-off" } });
		if (!answer.ok) expect(answer.error.message).toContain("nightshift machines on");
	}
	expect(mesh.shownCode()).toBeNull();
});

test("a batch is as safe as one machine makes it, and remembers who was to work on it", async () => {
	const alone = { level: 1, reason: "only-member" };
	const id = await makeBatch();
	expect(await mesh.acknowledge(id)).toEqual(alone);
	expect(mesh.durabilityOf(id)).toEqual(alone);
	expect(mesh.chosen(id)).toEqual({ only: null, never: [] });
	const chosen = { only: [machineId("desk")], never: [] };
	expect(mesh.chosen(await makeBatch(chosen))).toEqual(chosen);
	expect([mesh.durabilityOf("batch_none"), mesh.chosen("batch_none")]).toEqual([null, null]);
});
