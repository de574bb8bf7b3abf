/** How this machine does, wherever that comes from. */
import { useEffect, useState } from "react";
import type { MachineStatus } from "../../native/contract/contract.ts";
import { type Answer, type ApiFailure, call } from "../api/client.ts";
import { usePresent } from "../state/present.ts";

/** How often it is asked for while the stream of events does not tell it; looks are not made more often than that either. */
const ASK_EVERY_MS = 2_000;

/** What is known of this machine. */
export interface MachineView {
	/** Null: nothing yet. */
	readonly status: MachineStatus | null;
	/** Why nothing is known. */
	readonly error: ApiFailure | null;
}

/** This machine as the stream tells it; until it does, as it answers when asked. */
export function useMachine(): MachineView {
	const told = usePresent((state) => state.machine);
	const [asked, setAsked] = useState<Answer<MachineStatus> | null>(null);
	const isTold = told !== null;
	useEffect(() => {
		if (isTold) return;
		const stop = new AbortController();
		let next: ReturnType<typeof setTimeout> | undefined;
		const ask = (): void => {
			call<MachineStatus>("/api/machine", { signal: stop.signal }).then(
				(answer) => {
					if (stop.signal.aborted) return;
					setAsked(answer);
					next = setTimeout(ask, ASK_EVERY_MS);
				},
				(error: unknown) => {
					if (!stop.signal.aborted) throw error;
				},
			);
		};
		ask();
		return () => {
			stop.abort();
			clearTimeout(next);
		};
	}, [isTold]);
	if (told !== null) return { status: told, error: null };
	if (asked === null) return { status: null, error: null };
	return asked.ok ? { status: asked.value, error: null } : { status: null, error: asked.error };
}
