/** Makes one mesh of machines as their owner would: found by multicast, let in by the code that the first one shows. */
import { pairingViewSchema } from "../../native/contract/contract.ts";
import { type Machine, until } from "./machines.ts";

/** Being found takes a second or two, a join less; all the machines share two busy cores. */
const PAIR_MS = 60_000;

/** Deriving a secret from a code takes seconds on a busy core. */
const JOIN_MS = 30_000;

/** Pairs all machines with the first, one after the other, and waits until all see all and the same host. */
export async function pairAll(machines: readonly Machine[]): Promise<void> {
	const [first, ...others] = machines;
	if (first === undefined) return;
	for (const other of others) await pair(first, other);
	await until("all machines see each other and one host", PAIR_MS, () => isWhole(machines));
}

/** Every machine sees all others, and all the same host. */
export async function isWhole(machines: readonly Machine[]): Promise<boolean> {
	const views = await Promise.all(machines.map((machine) => machine.mesh()));
	const hosts = new Set(views.map((view) => view?.host?.id ?? null));
	const seeAll = views.every((view) => view?.machines.filter(({ is_online }) => is_online).length === machines.length);
	return seeAll && hosts.size === 1 && !hosts.has(null);
}

async function pair(first: Machine, other: Machine): Promise<void> {
	const shown = await first.ask({ method: "POST", path: "/api/pairing", timeoutMs: JOIN_MS });
	const { pairing } = pairingViewSchema.parse(JSON.parse(shown?.text ?? "null"));
	if (pairing === null) throw new Error(`${first.name} shows no code.`);
	const host = (await first.mesh())?.self;
	await until(`${other.name} finds ${first.name}`, PAIR_MS, async () => {
		const view = await other.mesh();
		return view?.strangers.some(({ id }) => id === host) ?? false;
	});
	const json = { address: host, code: pairing.code };
	const joined = await other.ask({ method: "POST", path: "/api/pairing/join", json, timeoutMs: JOIN_MS });
	if (joined?.http !== 200) throw new Error(`${other.name} was not let in: ${joined?.text ?? "no answer"}`);
}
