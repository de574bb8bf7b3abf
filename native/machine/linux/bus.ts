/**
 * A connection to a message bus (D-Bus): made when first needed, given up when it does not answer, and made anew then. The only
 * importer of the library. Nothing that a bus does reaches anybody as an exception.
 */
import type { EventEmitter } from "node:events";
import type { Message, MessageBus } from "@jellybrick/dbus-next";
import { err, errorCode, ok, type Result } from "../../base/base.ts";
import type { SourceFault } from "../source.ts";
import { plainValue } from "./bus-value.ts";

/** A call of a method. */
export interface BusCall {
	/** Name of the service. */
	readonly to: string;
	readonly path: string;
	/** Interface and method, e.g. `org.freedesktop.login1.Manager.ListSessions`. */
	readonly method: string;
	/** Types of what is passed, e.g. `su`. */
	readonly signature?: string;
	readonly body?: readonly unknown[];
}

/** `declined`: the other side answered with an error, e.g. because it is not there; else the bus itself is the trouble. */
export interface BusFault {
	readonly kind: SourceFault["kind"] | "declined";
	readonly message: string;
}

/** What a signal is told by. */
export interface SignalRule {
	/** Who sends it; a well-known name. */
	readonly from: string;
	/** Interface and signal. */
	readonly signal: string;
	/** The first thing it carries, where only one such is wanted. */
	readonly about?: string;
}

/** A bus. */
export interface Bus {
	/** Calls a method; answers what it returned, in plain values. Starts no service that does not run. */
	call(call: BusCall): Promise<Result<readonly unknown[], BusFault>>;
	/** Whether a service runs. Costs nothing once it was asked. */
	has(name: string): Promise<Result<boolean, BusFault>>;
	/** Hears a signal from now on, through all connections; `null` instead of one: the bus is another, whatever was known is old. */
	listen(rule: SignalRule, hear: (body: readonly unknown[] | null) => void): void;
	/** Ends the connection. It is not made anew. */
	stop(): Promise<void>;
}

/** Below the limit of a whole look (1.5 s), so that who hangs is told from what is slow. */
const CALL_LIMIT_MS = 1_000;

/** A bus that is gone is not tried at each look. */
const AGAIN_AFTER_MS = 10_000;

/** A connection, and the library it is one of. */
interface Line {
	readonly bus: MessageBus;
	readonly library: typeof import("@jellybrick/dbus-next");
}

const BUS_NAME = "org.freedesktop.DBus";

/** Makes a bus. `address` as D-Bus writes it. `what` names it in words. */
export function createBus(address: string, what: string): Bus {
	const listeners: { readonly rule: SignalRule; readonly hear: (body: readonly unknown[] | null) => void }[] = [];
	const owned = new Map<string, boolean>();
	let connecting: Promise<Result<Line, BusFault>> | null = null;
	/** Null: the connection stands, or is being made. */
	let failedAtMs: number | null = null;
	let isStopped = false;

	function connect(): Promise<Result<Line, BusFault>> {
		const isToTry = failedAtMs !== null && performance.now() - failedAtMs >= AGAIN_AFTER_MS;
		if (connecting !== null && !isToTry) return connecting;
		failedAtMs = null;
		connecting = open(address, what, hearMessage).then(async (opened) => {
			if (!opened.ok) failedAtMs = performance.now();
			else await Promise.all(listeners.map(({ rule }) => subscribe(opened.value, rule)));
			return opened;
		});
		return connecting;
	}

	/** Lets a connection go that does not answer. */
	function drop({ bus }: Line): void {
		connecting = Promise.resolve(err({ kind: "failed", message: `${what} does not answer` }));
		failedAtMs = performance.now();
		owned.clear();
		bus.disconnect();
		for (const { hear } of listeners) hear(null);
	}

	function hearMessage({ interface: face, member, body }: Message): void {
		const name = `${face}.${member}`;
		const values = body.map(plainValue);
		if (name === `${BUS_NAME}.NameOwnerChanged` && typeof values[0] === "string")
			owned.set(values[0], values[2] !== "");
		for (const { rule, hear } of listeners) {
			if (rule.signal === name && (rule.about === undefined || rule.about === values[0])) hear(values);
		}
	}

	async function call(wish: BusCall): Promise<Result<readonly unknown[], BusFault>> {
		if (isStopped) return err({ kind: "failed", message: `${what} is not listened to any more` });
		const opened = await connect();
		if (!opened.ok) return opened;
		const answer = await callOn(opened.value, wish);
		if (answer !== null) return answer;
		if (connecting !== null && (await connecting) === opened) drop(opened.value);
		return err({ kind: "failed", message: `${wish.method} on ${what} took longer than ${CALL_LIMIT_MS} ms` });
	}

	async function subscribe(line: Line, rule: SignalRule): Promise<void> {
		// What can't be heard is seen at the next look; a bus that refuses this fails calls too, and says so there.
		await callOn(line, { ...toBus("AddMatch"), signature: "s", body: [matchOf(rule)] });
	}

	return {
		call,
		async has(name) {
			const known = owned.get(name);
			if (known !== undefined) return ok(known);
			const opened = await connect();
			if (!opened.ok) return opened;
			await subscribe(opened.value, { from: BUS_NAME, signal: `${BUS_NAME}.NameOwnerChanged`, about: name });
			const answer = await call({ ...toBus("NameHasOwner"), signature: "s", body: [name] });
			if (!answer.ok) return answer;
			const isThere = answer.value[0] === true;
			owned.set(name, isThere);
			return ok(isThere);
		},
		listen(rule, hear) {
			listeners.push({ rule, hear });
			connecting?.then((opened) => (opened.ok ? subscribe(opened.value, rule) : undefined)).catch(neverFails);
		},
		async stop() {
			isStopped = true;
			const opened = await connecting;
			if (opened?.ok === true) opened.value.bus.disconnect();
		},
	};
}

/** Failures are values here; anything else is a bug and must be seen. */
function neverFails(error: unknown): never {
	throw error;
}

function toBus(method: string): BusCall {
	return { to: BUS_NAME, path: "/org/freedesktop/DBus", method: `${BUS_NAME}.${method}` };
}

function matchOf({ from, signal, about }: SignalRule): string {
	const dot = signal.lastIndexOf(".");
	const rule = `type='signal',sender='${from}',interface='${signal.slice(0, dot)}',member='${signal.slice(dot + 1)}'`;
	return about === undefined ? rule : `${rule},arg0='${about}'`;
}

/** The library is loaded only where there is a bus to speak with. */
async function open(address: string, what: string, hear: (signal: Message) => void): Promise<Result<Line, BusFault>> {
	const library = await import("@jellybrick/dbus-next");
	const { MessageType } = library;
	const bus = library.sessionBus({ busAddress: address });
	bus.on("message", (message) => {
		if (message.type === MessageType.SIGNAL) hear(message);
	});
	const { promise, resolve } = Promise.withResolvers<Result<Line, BusFault>>();
	const limit = setTimeout(() => resolve(err({ kind: "failed", message: `${what} does not answer` })), CALL_LIMIT_MS);
	// Errors after this one show in calls that get no answer; without a listener they would end the service.
	const emitter: EventEmitter = bus;
	emitter.on("error", (error: unknown) => {
		const isAbsent = errorCode(error) === "ENOENT";
		const reason = error instanceof Error ? error.message : String(error);
		resolve(err({ kind: isAbsent ? "absent" : "failed", message: `${what} can't be reached: ${reason}` }));
	});
	bus.once("connect", () => resolve(ok({ bus, library })));
	const opened = await promise;
	clearTimeout(limit);
	if (!opened.ok) bus.disconnect();
	return opened;
}

/** Null: no answer in time, or the connection is closed. */
async function callOn({ bus, library }: Line, wish: BusCall): Promise<Result<readonly unknown[], BusFault> | null> {
	const { DBusError, Message, MessageFlag } = library;
	const dot = wish.method.lastIndexOf(".");
	const message = new Message({
		destination: wish.to,
		path: wish.path,
		interface: wish.method.slice(0, dot),
		member: wish.method.slice(dot + 1),
		signature: wish.signature ?? "",
		body: [...(wish.body ?? [])],
		flags: MessageFlag.NO_AUTO_START,
	});
	const { promise, resolve } = Promise.withResolvers<Result<readonly unknown[], BusFault> | null>();
	const limit = setTimeout(() => resolve(null), CALL_LIMIT_MS);
	bus.call(message).then(
		(reply) => resolve(ok((reply?.body ?? []).map(plainValue))),
		(error: unknown) => {
			if (!(error instanceof DBusError)) resolve(null);
			else resolve(err({ kind: "declined", message: `${wish.method}: ${error.text || error.type}` }));
		},
	);
	const answer = await promise;
	clearTimeout(limit);
	return answer;
}
