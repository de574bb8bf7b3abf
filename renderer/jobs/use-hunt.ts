import { useCallback, useEffect, useState } from "react";
import type { BatchLines } from "../../native/contract/contract.ts";
import { call } from "../api/client.ts";
import { failHunt, freshHunt, goOnHunting, type Hunt, type HuntWish, huntPath, stopHunt, takeFound } from "./hunt.ts";

/** A hunt that goes on by itself until it has enough. */
export interface HuntHandle {
	readonly hunt: Hunt;
	readonly stop: () => void;
	readonly goOn: () => void;
	/** From the beginning, for instance because lines have changed. */
	readonly again: () => void;
}

/** Looks for lines of a job; begins anew when something else is looked for. Null: nothing is looked for. */
export function useHunt(batchId: string, wish: HuntWish | null): HuntHandle {
	const [hunt, setHunt] = useState<Hunt>(freshHunt);
	const [round, setRound] = useState(0);
	const only = wish?.only ?? null;
	const search = wish?.search ?? "";
	const key = `${round} ${batchId} ${only} ${search}`;
	const [shownKey, setShownKey] = useState(key);
	// What was found for something else must not be seen for a moment under the new words.
	if (shownKey !== key) {
		setShownKey(key);
		setHunt(freshHunt);
	}
	const isRunning = hunt.state === "running";
	const { next } = hunt;
	// biome-ignore lint/correctness/useExhaustiveDependencies: the key begins anew, even from the same place.
	useEffect(() => {
		if (only === null || !isRunning) return;
		const stop = new AbortController();
		call<BatchLines>(huntPath(batchId, { only, search }, next), { signal: stop.signal }).then(
			(answer) => {
				if (stop.signal.aborted) return;
				setHunt((before) => (answer.ok ? takeFound(before, answer.value) : failHunt(before, answer.error)));
			},
			(error: unknown) => {
				if (!stop.signal.aborted) throw error;
			},
		);
		return () => stop.abort();
	}, [batchId, only, search, next, isRunning, key]);
	return {
		hunt,
		stop: useCallback(() => setHunt(stopHunt), []),
		goOn: useCallback(() => setHunt(goOnHunting), []),
		again: useCallback(() => setRound((before) => before + 1), []),
	};
}
