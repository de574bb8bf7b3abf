/** How long something has gone on, for words that count along. */
import { useEffect, useState } from "react";
import { formatDuration } from "../state/format.ts";

/** As often as the words change. */
const TICK_MS = 1_000;

/** The time since a moment of Unix milliseconds in words, e.g. `12 s`; counts along while shown. */
export function useSecondsSince(sinceMs: number): string {
	const [nowMs, setNowMs] = useState(() => Date.now());
	useEffect(() => {
		const clock = setInterval(() => setNowMs(Date.now()), TICK_MS);
		return () => clearInterval(clock);
	}, []);
	return formatDuration(Math.max(0, nowMs - sinceMs));
}
