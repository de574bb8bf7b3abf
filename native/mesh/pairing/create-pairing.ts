/** Codes and tokens that are out, and the one pairing under way. */
import type { TLSSocket } from "node:tls";
import { assertNever, type Clock, err, type Log, ok, type Result } from "../../base/base.ts";
import type { Connection } from "../door/door.ts";
import { openFrames } from "../frames/frames.ts";
import type { DeviceIdentity } from "../identity/identity.ts";
import type { Member, Membership } from "../membership/membership.ts";
import { createCodeDesk } from "./code-desk.ts";
import { type DialogEnd, type DialogLimits, dialogLimits } from "./dialog.ts";
import { finish } from "./exchange.ts";
import type { Hello } from "./messages.ts";
import { type Received, type ReceiveFault, receive, refuse } from "./receive.ts";
import { createTokenDesk, MOST_TOKENS } from "./token-desk.ts";
import { writeToken } from "./tokens.ts";

/** What the owner is to see. */
export type PairingEvent =
	/** Somebody typed another code, or tries to guess it. */
	| { readonly kind: "wrong-code"; readonly triesLeft: number }
	| { readonly kind: "paired"; readonly member: Member }
	/** The code is worth nothing any more. */
	| { readonly kind: "code-over"; readonly end: DialogEnd };

/** A code to be shown, in `showCode`'s form. Never log it. */
export interface ShownCode {
	readonly code: string;
	readonly lifetimeMs: number;
}

/** Why no code or token is given out. */
export interface OfferFault {
	readonly kind: "already-shown" | "too-many-tokens";
	readonly message: string;
}

/** Lets strangers become members. */
export interface Pairing {
	/** Shows a code. One at a time: two codes would be twice as easy to guess. */
	show(): Result<ShownCode, OfferFault>;
	/** Takes the code back: who is just proving to know it is refused. */
	hide(): void;
	/** Makes a token for a machine that will call this one at `host` and `port`. Never log it. */
	invite(address: { readonly host: string; readonly port: number }, lifetimeMs: number): Result<string, OfferFault>;
	/** Whether there is anything out: the door asks before it lets strangers finish their handshake. */
	isOpen(): boolean;
	/** Takes over a connection that the door let in for pairing, and closes it in the end. */
	receive(connection: Connection): Promise<void>;
	/** Takes back everything. */
	stop(): void;
}

/** What pairing is made of. */
export interface PairingDeps {
	readonly identity: DeviceIdentity;
	/** What this machine is called. */
	readonly name: string;
	readonly membership: Membership;
	readonly clock: Clock;
	readonly log: Log;
	onEvent(event: PairingEvent): void;
	readonly limits?: DialogLimits;
}

/** Pairing with nothing out. */
export function createPairing(deps: PairingDeps): Pairing {
	const { clock, log, limits = dialogLimits } = deps;
	const code = createCodeDesk({
		clock,
		limits,
		onWrong: (triesLeft) => deps.onEvent({ kind: "wrong-code", triesLeft }),
		onOver: (end) => deps.onEvent({ kind: "code-over", end }),
	});
	const tokens = createTokenDesk(clock);
	const offerFor = ({ tokenId }: Hello) => (tokenId === null ? code.offer() : tokens.offer(tokenId));
	const isOpen = () => code.isOpen() || tokens.isOpen();
	/** The connection that is being paired with; there is no second. */
	let underWay: TLSSocket | null = null;

	async function pairWith(connection: Connection): Promise<void> {
		underWay = connection.socket;
		try {
			const received = await receive({ ...deps, offerFor }, connection);
			tell(log, connection, received);
			if (received.ok) deps.onEvent({ kind: "paired", member: received.value.member });
		} finally {
			underWay = null;
			finish(connection.socket);
		}
	}

	return {
		show() {
			const shown = code.show();
			if (shown !== null) return ok({ code: shown, lifetimeMs: limits.lifetimeMs });
			return err({ kind: "already-shown", message: "A code is shown already. Close it first, or use it." });
		},
		hide: () => code.hide(),
		invite({ host, port }, lifetimeMs) {
			const secret = tokens.make(lifetimeMs);
			if (secret !== null) return ok(writeToken({ host, port, deviceId: deps.identity.deviceId, secret }));
			return err({
				kind: "too-many-tokens",
				message: `There are ${MOST_TOKENS} join tokens that nobody has used yet.`,
			});
		},
		isOpen,
		async receive(connection) {
			// The door asked before the handshake; a stranger that lingered there is not to be listened to any more.
			if (isOpen() && underWay === null) return pairWith(connection);
			refuse(openFrames(connection.socket), isOpen() ? "busy" : "closed");
			finish(connection.socket);
		},
		stop() {
			code.hide();
			tokens.clear();
			underWay?.destroy();
		},
	};
}

/** Who it was and how it ended; nothing of what was said. */
function tell(log: Log, { peer }: Connection, received: Result<Received, ReceiveFault>): void {
	const { deviceId } = peer;
	if (received.ok) {
		log.info({ deviceId, isComplete: received.value.isComplete }, "paired with another machine");
		return;
	}
	const fault = received.error;
	switch (fault.kind) {
		case "refused":
			log.warn({ deviceId, reason: fault.reason }, "pairing with another machine was refused");
			return;
		case "broken-off":
			log.warn({ deviceId, fault: fault.fault.kind }, "pairing with another machine broke off");
			return;
		default:
			assertNever(fault);
	}
}
