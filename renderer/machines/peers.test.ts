import { expect, test } from "vitest";
import { machineId, sampleAbout, sampleMember, sampleMeshView } from "../state/testing.ts";
import { hostLine, isAlone, listPeers, worksOn } from "./peers.ts";

const noNames = () => null;
const self = sampleMember("desk", { is_self: true });

test("others are listed, those that are there first, and this machine is not among them", () => {
	const gone = sampleMember("attic", { is_online: false });
	const view = sampleMeshView({ machines: [self, gone, sampleMember("shed"), sampleMember("cellar")] });
	expect(listPeers(view, noNames, 0).map(({ name }) => name)).toEqual(["cellar", "shed", "attic"]);
});

test("a machine at work says on how many lines of what, and a job this page does not know is just a job", () => {
	const slices = [
		{ batch_id: "batch_1", lines: 120 },
		{ batch_id: "batch_2", lines: 30 },
		{ batch_id: "batch_3", lines: 0 },
	];
	const about = { ...sampleAbout, activity: "working", words: "works on lines", lines_per_second: 12.34 } as const;
	const view = sampleMeshView({ machines: [self, sampleMember("attic", { slices, about })] });
	const [card] = listPeers(view, (id) => (id === "batch_1" ? "tickets.jsonl" : null), 0);
	expect(card).toMatchObject({
		state: "Working",
		tone: "good",
		lines: ["Works on 120 lines of tickets.jsonl and 30 lines of a job."],
	});
	expect(card?.facts).toContainEqual({ label: "Speed", value: "12.3 lines/s", detail: null });
	expect(worksOn({ slices: [] }, noNames)).toBeNull();
});

test("one that rests says why, in its own words", () => {
	const about = { ...sampleAbout, activity: "resting", words: "its user is there" } as const;
	const view = sampleMeshView({ machines: [self, sampleMember("attic", { about })] });
	expect(listPeers(view, noNames, 0)[0]).toMatchObject({
		state: "Resting",
		tone: "neutral",
		lines: ["Its user is there."],
	});
});

test("one that is not there says when it was last heard, or that it never was", () => {
	const atMs = new Date(2026, 10, 21, 6, 5).getTime();
	const heard = sampleMember("attic", { is_online: false, last_heard_at: atMs / 1_000 });
	const never = sampleMember("shed", { is_online: false, last_heard_at: null, about: null, address: null });
	const cards = listPeers(sampleMeshView({ machines: [self, heard, never] }), noNames, atMs + 60_000);
	expect(cards[0]?.lines[0]).toMatch(/^Last heard 0?6:05/);
	expect(cards[1]).toMatchObject({ lines: ["Not heard since this machine started."], facts: [], state: "Not there" });
});

test("one that is reached by way of another says by which", () => {
	const relayed = sampleMember("shed", { relayed_by: machineId("attic") });
	const view = sampleMeshView({ machines: [self, sampleMember("attic"), relayed] });
	const shed = listPeers(view, noNames, 0).find(({ name }) => name === "shed");
	expect(shed?.lines).toContain("Reached by way of attic.");
});

test("who is host is told with since when and why, where there is more than one machine", () => {
	const atMs = new Date(2026, 10, 21, 6, 5).getTime();
	const machines = [self, sampleMember("attic")];
	const host = (id: string) => ({ id, term: 2, since: atMs / 1_000, why: "silence" }) as const;
	const line = (view: Parameters<typeof sampleMeshView>[0]) => hostLine(sampleMeshView(view), atMs);
	expect(line({ machines, host: host(machineId("attic")) })).toMatch(
		/^attic hands out the work since 0?6:05.*: the one before fell silent\.$/,
	);
	expect(line({ machines, host: host(self.id) })).toMatch(/^This machine hands out/);
	expect(line({ machines, host: null })).toMatch(/^Nobody hands out work just now/);
	expect(line({})).toBeNull();
	expect(line({ machines, is_on: false })).toBeNull();
});

test("a machine that hears no other says so, but not one that has none", () => {
	const away = sampleMember("attic", { is_online: false });
	expect(isAlone(sampleMeshView({ machines: [self, away] }))).toBe(true);
	expect(isAlone(sampleMeshView({ machines: [self, sampleMember("attic")] }))).toBe(false);
	expect(isAlone(sampleMeshView())).toBe(false);
	expect(isAlone(sampleMeshView({ machines: [self, away], is_on: false }))).toBe(false);
});
