import { expect, test } from "vitest";
import type { Peer } from "../core/state.ts";
import { hasHolder } from "./holders.ts";

const never = { heardMs: null, incarnation: null, witnessedAgeMs: null, sent: new Map(), handicap: 0, rank: 1 };
const peerWith = (durable: Peer["durable"]): Peer => ({ ...never, mayHost: true, durable });

test("who reports less of a log, or nothing yet, or can't be reached, holds nothing of its end", () => {
	const peers = new Map([
		["behind", peerWith({ log: 4 })],
		["fresh", peerWith({})],
		["away", peerWith({ log: 5 })],
		["there", peerWith({ log: 5 })],
	]);
	const links = (...ids: string[]) => ids.map((deviceId) => ({ deviceId }));
	const operation = { origin: "log", sequence: 5 };
	expect(hasHolder({ peers }, links("behind", "fresh", "stranger"), operation)).toBe(false);
	expect(hasHolder({ peers }, links("behind", "there"), operation)).toBe(true);
	expect(hasHolder({ peers }, links("behind"), { origin: "log", sequence: 4 })).toBe(true);
});
