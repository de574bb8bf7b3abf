/** Helpers for tests of machines that pair over real connections. Must never be imported by the product. */
import { type Clock, type Log, silentLog, systemClock } from "../../base/base.ts";
import {
	type Connection,
	createConnections,
	createDoor,
	createTurnstile,
	type Door,
	dial,
	turnstileLimits,
} from "../door/door.ts";
import { closeOn, LOOPBACK } from "../door/testing.ts";
import { type Frames, openFrames } from "../frames/frames.ts";
import { type DeviceIdentity, PAIRING_PROTOCOL } from "../identity/identity.ts";
import { testMachine } from "../identity/testing.ts";
import { type TestMembership, testMembership } from "../membership/testing.ts";
import { createPairing, type DialogLimits, dialogLimits, type Pairing, type PairingEvent } from "./pairing.ts";

/** A machine that has all it needs to pair. */
export interface TestMachine extends TestMembership {
	readonly identity: DeviceIdentity;
	readonly name: string;
}

/** A machine that knows nobody. */
export async function strangerNamed(name: string): Promise<TestMachine> {
	const identity = await testMachine();
	return { identity, name, ...testMembership(identity, name) };
}

/** A machine that can be paired with. */
export interface TestShower extends TestMachine, AsyncDisposable {
	readonly pairing: Pairing;
	readonly events: PairingEvent[];
	readonly door: Door;
	readonly port: number;
	/** Shows a code. */
	show(): string;
}

/** What differs from a shower as it comes. */
export interface ShowerOptions {
	readonly clock?: Clock;
	readonly log?: Log;
	readonly limits?: Partial<DialogLimits>;
}

/** Opens a machine to pairing, with nothing out yet. */
export async function openShower(name: string, options: ShowerOptions = {}): Promise<TestShower> {
	const machine = await strangerNamed(name);
	const { identity, membership } = machine;
	const { clock = systemClock, log = silentLog } = options;
	const events: PairingEvent[] = [];
	const onEvent = (event: PairingEvent) => void events.push(event);
	const limits = { ...dialogLimits, ...options.limits };
	const pairing = createPairing({ identity, name, membership, clock, log, limits, onEvent });
	const connections = createConnections((deviceId) => membership.isMember(deviceId));
	const open = new Set<Connection>();
	const door = createDoor({
		identity,
		connections,
		// Tests knock more often than people do.
		turnstile: createTurnstile(systemClock, { ...turnstileLimits, knocks: 1_000 }),
		log,
		isPairing: () => pairing.isOpen(),
		onMember: ({ socket }) => void socket.resume(),
		onStranger: closeOn,
		onPairing(connection) {
			open.add(connection);
			void pairing.receive(connection);
		},
	});
	const port = await door.listen({ port: 0, host: LOOPBACK });
	if (!port.ok) throw new Error(port.error.message);
	return {
		...machine,
		pairing,
		events,
		door,
		port: port.value,
		show() {
			const shown = pairing.show();
			if (!shown.ok) throw new Error(shown.error.message);
			return shown.value.code;
		},
		async [Symbol.asyncDispose]() {
			pairing.stop();
			connections.dropAll();
			for (const { socket } of open) socket.destroy();
			await door.close();
		},
	};
}

/** A call to a shower by one who says what it likes. */
export interface TestCall extends Disposable {
	readonly connection: Connection;
	readonly frames: Frames;
}

/** Calls a port with the pairing protocol. */
export async function call(identity: DeviceIdentity, port: number): Promise<TestCall> {
	const connection = await dial(identity, { host: LOOPBACK, port, protocol: PAIRING_PROTOCOL, deviceId: null });
	if (!connection.ok) throw new Error(connection.error.message);
	return {
		connection: connection.value,
		frames: openFrames(connection.value.socket),
		[Symbol.dispose]: () => void connection.value.socket.destroy(),
	};
}

/** Another code than this one. */
export function otherThan(code: string): string {
	return String((Number(code) + 1) % 100_000_000).padStart(8, "0");
}
