import { expect, test } from "vitest";
import { sampleAbout, sampleMember } from "../testing.ts";
import { type WishFacts, wishedModel } from "./model-wish.ts";

const DIGEST = "a".repeat(64);
const OTHER = "b".repeat(64);
const anyMachine = { only: null, never: [] };
const batch = { status: "in_progress", isHeld: false, model: { name: "tiny", digest: DIGEST }, machines: anyMachine };
const has = (digest: string) => ({ ...sampleAbout, models: [{ name: "tiny", digest }] });
const giver = sampleMember("rack", { about: has(DIGEST) });

function facts(changes: Partial<WishFacts> = {}): WishFacts {
	return {
		isAllowed: true,
		mayWork: true,
		isOnBattery: false,
		self: "me",
		machines: [sampleMember("me", { is_self: true }), giver],
		open: [batch as WishFacts["open"][number]],
		here: [{ name: "demo", digest: OTHER }],
		copies: [],
		putOff: new Set(),
		...changes,
	};
}

const open = (changes: Partial<WishFacts["open"][number]>): Partial<WishFacts> => ({
	open: [{ ...(batch as WishFacts["open"][number]), ...changes }],
});

test("the model of an open batch that another machine has and this one lacks is copied", () => {
	expect(wishedModel(facts())).toEqual({ kind: "copy", name: "tiny", digest: DIGEST });
	expect(wishedModel(facts(open({ status: "validating" })))).not.toBeNull();
	expect(wishedModel(facts(open({ machines: { only: ["me"], never: [] } })))).not.toBeNull();
});

test.each<[string, Partial<WishFacts>]>([
	["the owner does not let models be copied", { isAllowed: false }],
	["this machine may not work", { mayWork: false }],
	["it runs on its battery", { isOnBattery: true }],
	["no batch needs it", { open: [] }],
	["the batch is a rehearsal", open({ isHeld: true })],
	["the batch is about to end", open({ status: "finalizing" })],
	["the model is not known yet", open({ model: null })],
	["the batch is not for this machine", open({ machines: { only: ["rack"], never: [] } })],
	["the batch is for all but this machine", open({ machines: { only: null, never: ["me"] } })],
	["it is here under another name", { here: [{ name: "my-tiny", digest: DIGEST }] }],
	["a file of its name is here whose digest is not known yet", { here: [{ name: "tiny", digest: null }] }],
	["the one that has it is away", { machines: [{ ...giver, is_online: false }] }],
	["those that are there have another one", { machines: [sampleMember("rack", { about: has(OTHER) })] }],
	["those that are there have told nothing", { machines: [sampleMember("rack", { about: null })] }],
	["only this machine itself told of it", { machines: [{ ...giver, is_self: true }] }],
	["it was put off", { putOff: new Set([DIGEST]) }],
	["its owner paused it", { copies: [{ digest: DIGEST, download: { id: "1", state: "paused" } }] }],
	["another model is being copied", { copies: [{ digest: OTHER, download: { id: "1", state: "running" } }] }],
])("nothing is copied where %s", (_, changes) => {
	expect(wishedModel(facts(changes))).toBeNull();
});

test("a file of its name with other bytes is no reason to do without it", () => {
	expect(wishedModel(facts({ here: [{ name: "tiny", digest: OTHER }] }))).toMatchObject({ kind: "copy" });
});

test("a copy that failed is gone on with, and the batch that is next in order comes first", () => {
	const copies = [{ digest: DIGEST, download: { id: "1", state: "failed" as const } }];
	expect(wishedModel(facts({ copies }))).toEqual({ kind: "resume", id: "1", digest: DIGEST });
	const [first] = facts().open;
	if (first === undefined) throw new Error("There is one.");
	const machines = [giver, sampleMember("attic", { about: has(OTHER) })];
	const second = { ...first, model: { name: "big", digest: OTHER } };
	expect(wishedModel(facts({ machines, here: [], open: [second, first] }))).toMatchObject({ name: "big" });
});
