import { useEffect, useRef } from "react";

/** Does something after a value has changed, at most once in so long, however often it changes; not for its first value. */
export function useSometimes(value: string, everyMs: number, act: () => void): void {
	const latest = useRef(act);
	const seen = useRef(value);
	const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
	useEffect(() => {
		latest.current = act;
	});
	useEffect(() => {
		if (seen.current === value) return;
		seen.current = value;
		timer.current ??= setTimeout(() => {
			timer.current = null;
			latest.current();
		}, everyMs);
	}, [value, everyMs]);
	useEffect(
		() => () => {
			if (timer.current !== null) clearTimeout(timer.current);
			timer.current = null;
		},
		[],
	);
}
