/** Keeps the end of something that grows in sight, while one is there; who reads further up is left alone. */
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

/** So near counts as the end: half a line, and what rounding adds. */
const NEAR_END = 24;

/** What `useStickToEnd` gives. */
export interface StickToEnd {
	/** What scrolls. */
	readonly scroller: RefObject<HTMLElement | null>;
	/** What grows in it. */
	readonly content: RefObject<HTMLDivElement | null>;
	readonly isAtEnd: boolean;
	readonly toEnd: () => void;
}

/** Begins at the end, and at the end again when `place` is another. */
export function useStickToEnd(place: string): StickToEnd {
	const scroller = useRef<HTMLElement>(null);
	const content = useRef<HTMLDivElement>(null);
	const sticks = useRef(true);
	const [isAtEnd, setIsAtEnd] = useState(true);
	const toEnd = useCallback(() => {
		sticks.current = true;
		setIsAtEnd(true);
		const box = scroller.current;
		if (box !== null) box.scrollTop = box.scrollHeight;
	}, []);

	// biome-ignore lint/correctness/useExhaustiveDependencies: another place begins anew.
	useLayoutEffect(() => {
		const box = scroller.current;
		const inner = content.current;
		if (box === null || inner === null) return;
		toEnd();
		let before = box.scrollTop;
		const onScroll = (): void => {
			const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
			// Growth alone moves the end away; only who goes up wants to stay.
			if (isNear) sticks.current = true;
			else if (box.scrollTop < before) sticks.current = false;
			before = box.scrollTop;
			setIsAtEnd(isNear || sticks.current);
		};
		const watch = new ResizeObserver(() => {
			if (sticks.current) box.scrollTop = box.scrollHeight;
		});
		watch.observe(inner);
		watch.observe(box);
		box.addEventListener("scroll", onScroll, { passive: true });
		return () => {
			watch.disconnect();
			box.removeEventListener("scroll", onScroll);
		};
	}, [place, toEnd]);

	return { scroller, content, isAtEnd, toEnd };
}
