/** Calls members to whom there is no link, at all their addresses, ever more patiently. */
import type { Clock } from "../../base/base.ts";
import type { Connection } from "../door/door.ts";
import type { DeviceId } from "../identity/identity.ts";
import { MOST_ADDRESSES_A_MACHINE, type TransportLimits } from "./limits.ts";
import { beginPause, type Pause } from "./pause.ts";

/** Where to call. */
export interface Address {
	readonly host: string;
	readonly port: number;
}

/** What came of a connection: `refused` will not change soon. */
export type CallOutcome = "linked" | "failed" | "refused";

/** What a caller is made of. */
export interface CallerDeps {
	readonly limits: TransportLimits;
	readonly clock: Clock;
	/** From 0 to 1, exclusive; for the pauses, so that machines that lost each other don't call in step. */
	readonly random: () => number;
	/** A member without a link. */
	isMissed(deviceId: DeviceId): boolean;
	/** Null: nobody, or somebody else, is there. */
	dial(deviceId: DeviceId, address: Address): Promise<Connection | null>;
	openLink(connection: Connection, address: Address): Promise<CallOutcome>;
}

/** Calls. */
export interface Caller {
	/** These are the addresses of a machine now. New ones are tried soon. */
	know(deviceId: DeviceId, addresses: readonly Address[]): void;
	addressesOf(deviceId: DeviceId): readonly Address[];
	/** The link to a machine ended after so long. */
	noteDown(deviceId: DeviceId, lastedMs: number): void;
	/** Calls those who are missed and were not before: the members are others. */
	resume(): void;
	/** Calls everybody missed, now. */
	nudge(): void;
	stop(): void;
}

/** One machine that is being called, or could be. */
interface Callee {
	readonly deviceId: DeviceId;
	addresses: readonly Address[];
	failures: number;
	isCalling: boolean;
	/** The pause it is in. */
	pause: Pause | null;
}

/** Calls nobody until it knows addresses. */
export function createCaller(deps: CallerDeps): Caller {
	const { limits, clock, random } = deps;
	const callees = new Map<DeviceId, Callee>();
	let isStopped = false;

	function pauseMs({ failures }: Callee): number {
		if (failures === 0) return random() * limits.staggerMs;
		const longMs = Math.min(limits.lastRetryMs, limits.firstRetryMs * 2 ** Math.min(failures - 1, 30));
		return longMs * (0.5 + random() / 2);
	}

	async function call(callee: Callee): Promise<void> {
		if (callee.isCalling) return;
		callee.isCalling = true;
		try {
			while (isWanted(callee)) {
				callee.pause = beginPause(clock, pauseMs(callee));
				await callee.pause.over;
				callee.pause = null;
				if (!isWanted(callee)) return;
				const outcome = await tryOnce(callee);
				// Asked again whether it is missed: the link may be gone by now.
				if (outcome === "linked") continue;
				callee.failures = outcome === "refused" ? MOST_FAILURES : Math.min(callee.failures + 1, MOST_FAILURES);
			}
		} finally {
			callee.isCalling = false;
		}
	}

	function isWanted({ deviceId, addresses }: Callee): boolean {
		return !isStopped && addresses.length > 0 && deps.isMissed(deviceId);
	}

	async function tryOnce(callee: Callee): Promise<CallOutcome> {
		const answered = await firstToAnswer(callee.addresses, limits.staggerMs, (address) =>
			deps.dial(callee.deviceId, address),
		);
		if (answered === null) return "failed";
		if (isWanted(callee)) return deps.openLink(answered.connection, answered.address);
		answered.connection.socket.destroy();
		return "failed";
	}

	function calleeOf(deviceId: DeviceId): Callee {
		const known = callees.get(deviceId);
		if (known !== undefined) return known;
		const [oldest] = callees.keys();
		if (callees.size >= MOST_CALLEES && oldest !== undefined) callees.delete(oldest);
		const callee: Callee = { deviceId, addresses: [], failures: 0, isCalling: false, pause: null };
		callees.set(deviceId, callee);
		return callee;
	}

	return {
		know(deviceId, addresses) {
			const callee = calleeOf(deviceId);
			const before = new Set(callee.addresses.map(nameOfAddress));
			callee.addresses = addresses.slice(0, MOST_ADDRESSES_A_MACHINE);
			if (addresses.length === 0 && !callee.isCalling) callees.delete(deviceId);
			// Not at once: anybody on the network can make up addresses.
			if (callee.addresses.some((address) => !before.has(nameOfAddress(address)))) {
				callee.failures = Math.min(callee.failures, 1);
				callee.pause?.shorten(limits.firstRetryMs);
			}
			void call(callee);
		},
		addressesOf: (deviceId) => callees.get(deviceId)?.addresses ?? [],
		noteDown(deviceId, lastedMs) {
			const callee = callees.get(deviceId);
			if (callee === undefined) return;
			callee.failures = lastedMs >= limits.steadyMs ? 0 : Math.min(callee.failures + 1, MOST_FAILURES);
			void call(callee);
		},
		resume() {
			for (const callee of callees.values()) void call(callee);
		},
		nudge() {
			for (const callee of callees.values()) {
				callee.failures = 0;
				callee.pause?.shorten(0);
				void call(callee);
			}
		},
		stop() {
			isStopped = true;
			for (const { pause } of callees.values()) pause?.shorten(0);
			callees.clear();
		},
	};
}

/** Machines whose addresses are remembered, members or not yet: four times the largest mesh. The first known are forgotten first. */
const MOST_CALLEES = 256;

/** Pauses are at their longest long before. */
const MOST_FAILURES = 16;

function nameOfAddress({ host, port }: Address): string {
	return `${host} ${port}`;
}

/** Dials addresses one after the other without waiting for the one before to fail; the first that answers is taken. */
async function firstToAnswer(
	addresses: readonly Address[],
	staggerMs: number,
	dial: (address: Address) => Promise<Connection | null>,
): Promise<{ readonly connection: Connection; readonly address: Address } | null> {
	return new Promise((resolve) => {
		let isTaken = false;
		let left = addresses.length;
		const timers = new Set<NodeJS.Timeout>();
		const begin = async (address: Address): Promise<void> => {
			const connection = await dial(address);
			left -= 1;
			if (connection === null) {
				if (left === 0 && !isTaken) resolve(null);
				return;
			}
			if (isTaken) return void connection.socket.destroy();
			isTaken = true;
			for (const timer of timers) clearTimeout(timer);
			resolve({ connection, address });
		};
		for (const [at, address] of addresses.entries()) {
			timers.add(setTimeout(() => void begin(address), at * staggerMs));
		}
	});
}
