/** Helpers for tests that put machines behind real doors on this computer. Must never be imported by the product. */
import { type Clock, silentLog, systemClock } from "../../base/base.ts";
import type { DeviceId, DeviceIdentity } from "../identity/identity.ts";
import {
	type Connection,
	type Connections,
	createConnections,
	createDoor,
	createTurnstile,
	type Door,
	type TurnstileLimits,
	turnstileLimits,
} from "./door.ts";

/** Where tests listen. */
export const LOOPBACK = "127.0.0.1";

/** A door that stands open, and who came in. */
export interface TestDoor extends AsyncDisposable {
	readonly door: Door;
	readonly port: number;
	readonly connections: Connections;
	readonly members: Set<DeviceId>;
	readonly arrived: Connection[];
	readonly pairing: Connection[];
	isPairing: boolean;
}

/** What differs from a door as it comes. */
export interface TestDoorOptions {
	readonly clock?: Clock;
	readonly limits?: Partial<TurnstileLimits>;
	readonly handshakeMs?: number;
	onPairing?(connection: Connection): void;
	/** Default: closed on. */
	onStranger?(connection: Connection): Promise<boolean>;
}

/** Takes no stranger for a member. */
export async function closeOn({ socket }: Connection): Promise<boolean> {
	socket.destroy();
	return false;
}

/** Opens a door of a machine to which nobody is a member yet. */
export async function openDoor(identity: DeviceIdentity, options: TestDoorOptions = {}): Promise<TestDoor> {
	const members = new Set<DeviceId>();
	const connections = createConnections((id) => members.has(id));
	const arrived: Connection[] = [];
	const pairing: Connection[] = [];
	const state = { isPairing: false };
	const door = createDoor({
		identity,
		connections,
		turnstile: createTurnstile(options.clock ?? systemClock, { ...turnstileLimits, ...options.limits }),
		log: silentLog,
		isPairing: () => state.isPairing,
		onMember: (connection) => void arrived.push(connection),
		onStranger: options.onStranger ?? closeOn,
		onPairing(connection) {
			pairing.push(connection);
			options.onPairing?.(connection);
		},
		...(options.handshakeMs === undefined ? {} : { handshakeMs: options.handshakeMs }),
	});
	const port = await door.listen({ port: 0, host: LOOPBACK });
	if (!port.ok) throw new Error(port.error.message);
	return Object.assign(state, {
		door,
		port: port.value,
		connections,
		members,
		arrived,
		pairing,
		async [Symbol.asyncDispose]() {
			connections.dropAll();
			for (const { socket } of pairing) socket.destroy();
			await door.close();
		},
	});
}
