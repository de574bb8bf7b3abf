/**
 * This machine among others: composes identity, trust, door, links, discovery and the core in the mesh's own thread.
 *
 * Owns everything that talks to other machines. Must never open the ledger's database, load a model or wait for either: what it
 * wants of the service it asks by messages, and goes on.
 */
import { randomBytes } from "node:crypto";
import { type Clock, err, type Log, ok, type Result } from "../../base/base.ts";
import type { Operation } from "../core/core.ts";
import { createDoor, createTurnstile, type Door } from "../door/door.ts";
import { createPairing, type Pairing } from "../pairing/pairing.ts";
import type { DroppedThings } from "./dropped.ts";
import { createHostRecord, hostOf } from "./host-record.ts";
import { createInside, type Inside } from "./inside.ts";
import type { BatchPlace, FromNode, NodeStart, ToNode } from "./messages.ts";
import { createOutside, type Outside } from "./outside.ts";
import { createReceiver } from "./receiver.ts";
import { openTrust, type Trust } from "./trust.ts";
import { isOnline } from "./view.ts";

/** What a node is made of. */
export interface NodeDeps {
	readonly start: NodeStart;
	/** What is in the ledger: each log in order. */
	readonly operations: readonly Operation[];
	readonly places: readonly BatchPlace[];
	readonly dropped: DroppedThings;
	readonly clock: Clock;
	readonly log: Log;
	/** To the service. */
	post(message: FromNode): void;
	/** For tests, where machines of several meshes share one computer. */
	readonly beaconPort?: number;
}

/** A node at work. */
export interface Node {
	receive(message: ToNode): void;
	/** Says goodbye and closes everything; within a second. */
	stop(): Promise<void>;
}

/** A node that is put together. */
interface Composed extends Node {
	readonly inside: Inside;
	readonly outside: Outside;
	begin(): Promise<void>;
}

/** Begins. The failure is a sentence that says how to mend it. */
export async function startNode(deps: NodeDeps): Promise<Result<Node, string>> {
	const { start, clock, log } = deps;
	const trust = await openTrust(deps);
	if (!trust.ok) return trust;
	/** Nobody can come in before it is there. */
	let composed: Composed | null = null;
	const pairing = createPairing({
		...{ ...trust.value, name: start.name, clock, log },
		onEvent: (event) => composed?.inside.people.notePairing(event),
	});
	const door = createDoor({
		...{ ...trust.value, log, turnstile: createTurnstile(clock) },
		isPairing: () => pairing.isOpen(),
		onMember(connection) {
			if (composed === null) connection.socket.destroy();
			else composed.outside.transport.accept(connection);
		},
		async onStranger(connection) {
			if (composed !== null) return composed.outside.transport.acceptStranger(connection);
			connection.socket.destroy();
			return false;
		},
		onPairing: (connection) => void pairing.receive(connection),
	});
	const port = await listen(door, start.port);
	if (!port.ok) return port;
	composed = compose(deps, trust.value, { pairing, door, port: port.value });
	await composed.begin();
	deps.post({ kind: "begun", deviceId: trust.value.identity.deviceId, port: port.value });
	return ok(composed);
}

/** The chosen port, or any free one where another program has it: members hear of it. */
async function listen(door: Door, port: number): Promise<Result<number, string>> {
	const chosen = await door.listen({ port });
	if (chosen.ok) return chosen;
	const any = chosen.error.kind === "port-taken" ? await door.listen({ port: 0 }) : chosen;
	return any.ok ? any : err(any.error.message);
}

function compose(
	deps: NodeDeps,
	trust: Trust,
	{ pairing, door, port }: { readonly pairing: Pairing; readonly door: Door; readonly port: number },
): Composed {
	const hostRecord = createHostRecord(() => deps.clock.nowMs());
	const common = { ...deps, trust, port, hostRecord, incarnation: randomBytes(8).toString("hex") };
	const outside: Outside = createOutside({
		...common,
		isPairing: () => pairing.isOpen(),
		state: () => inside.driver.state,
		tell: (happening) => inside.driver.tell(happening),
		onFrame: (from, frame) => inside.incoming(from, frame),
		onNews: () => inside.reporter.tellNow(),
	});
	const inside: Inside = createInside({ ...common, pairing, outside });
	const { driver, people, reporter, storing } = inside;
	const { discovery, transport, keeping, openFiles } = outside;

	async function stop(): Promise<void> {
		driver.stop();
		driver.tell({ kind: "leaving" });
		for (const part of [reporter, people, keeping, storing, openFiles, pairing]) part.stop();
		await Promise.all([discovery.stop(), door.close()]);
		await transport.stop();
		await trust.memory.flush();
	}

	return {
		...{ inside, outside, stop },
		receive: createReceiver({
			...{ ...inside, ...outside, post: deps.post, stop },
			online: () => [...driver.state.peers.keys()].filter((deviceId) => isOnline(driver.state, deviceId)),
			host: () => hostOf(driver.state)?.device ?? null,
			traffic: outside.transport.traffic,
		}),
		async begin() {
			await discovery.start();
			outside.syncMembers(false);
			driver.start();
			reporter.start();
		},
	};
}
