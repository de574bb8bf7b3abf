/** A source that is a service on a message bus: absent while that service does not run, and looked at when it starts. */
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import type { Bus } from "./bus.ts";

/** What such a source is. */
export interface PeerSourceParts {
	readonly name: string;
	readonly tells: string;
	readonly bus: Bus;
	/** Its name on the bus. */
	readonly service: string;
	/** Why it tells nothing while it is not there, in words. */
	readonly absent: string;
	/** Signals of every change; what was told counts until one comes. Absent: it does not signal, and is asked at each look. */
	readonly signals?: readonly string[];
	readonly clock: Clock;
	look(bus: Bus): Promise<Result<Sight, SourceFault>>;
}

/** Changes are signalled; this is for signals that got lost. */
const KNOWN_FOR_MS = 30_000;

/** Makes the source. */
export function createPeerSource(parts: PeerSourceParts): Source {
	const { bus, service, clock, signals = [] } = parts;
	let known: { readonly atMs: number; readonly sight: Sight } | null = null;
	let onNews = (): void => {};

	function hear(): void {
		known = null;
		onNews();
	}
	bus.listen({ from: "org.freedesktop.DBus", signal: "org.freedesktop.DBus.NameOwnerChanged", about: service }, hear);
	for (const signal of signals) bus.listen({ from: service, signal }, hear);

	async function look(): Promise<Result<Sight, SourceFault>> {
		const isThere = await bus.has(service);
		if (!isThere.ok) {
			const { kind, message } = isThere.error;
			return err({ kind: kind === "absent" ? "absent" : "failed", message });
		}
		if (!isThere.value) return err({ kind: "absent", message: parts.absent });
		const atMs = clock.monotonicMs();
		if (known !== null && atMs - known.atMs <= KNOWN_FOR_MS) return ok(known.sight);
		const looked = await parts.look(bus);
		if (looked.ok && signals.length > 0) known = { atMs, sight: looked.value };
		return looked;
	}

	return {
		name: parts.name,
		tells: parts.tells,
		look,
		watch(listener) {
			onNews = listener;
		},
		stop: () => bus.stop(),
	};
}
