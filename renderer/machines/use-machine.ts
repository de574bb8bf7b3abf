/** How this machine does, wherever that comes from. */
import { useEffect, useState } from "react";
import type { MachineStatus } from "../../native/contract/contract.ts";
import type { Answer, ApiFailure } from "../api/client.ts";
import { poll } from "../api/poll.ts";
import { usePresent } from "../state/present.ts";

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
		return poll<MachineStatus>("/api/machine", (answer) => {
			setAsked(answer);
			return true;
		});
	}, [isTold]);
	if (told !== null) return { status: told, error: null };
	if (asked === null) return { status: null, error: null };
	return asked.ok ? { status: asked.value, error: null } : { status: null, error: asked.error };
}
