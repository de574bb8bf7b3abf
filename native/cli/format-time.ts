import { systemClock, timeInWords } from "../base/base.ts";

/** A moment of Unix seconds as people at this terminal read it. */
export function formatTime(seconds: number): string {
	return timeInWords(seconds, systemClock.nowMs());
}
