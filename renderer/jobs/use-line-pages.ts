import { useCallback, useEffect, useRef, useState } from "react";
import type { BatchLine, BatchLines } from "../../native/contract/contract.ts";
import { type Answer, call } from "../api/client.ts";
import {
	askPages,
	failPage,
	type LinePages,
	lineIn,
	noPages,
	outdatePages,
	PAGE_LINES,
	pagesWanted,
	retryPages,
	takePage,
} from "./line-pages.ts";
import { useSometimes } from "./use-sometimes.ts";

/** Lines change in the middle of a night many times a second; what is in sight is told anew this often. */
const REFRESH_MS = 3_000;

/** All lines of a job, as far as they have been looked at. */
export interface LinePagesHandle {
	readonly lineAt: (line: number) => BatchLine | "waiting" | "failed";
	/** Says which lines are in sight; those that are missing are asked for. */
	readonly look: (firstLine: number, lastLine: number) => void;
	/** What people should know of these lines; null: nothing. */
	readonly notice: string | null;
	/** Some could not be had. */
	readonly hasFailed: boolean;
	readonly retry: () => void;
}

/** Holds a job's lines. `version` changes whenever some of them may have changed. */
export function useLinePages(batchId: string, version: string): LinePagesHandle {
	const [pages, setPages] = useState<LinePages>(noPages);
	const [range, setRange] = useState<{ readonly first: number; readonly last: number } | null>(null);
	const [notice, setNotice] = useState<string | null>(null);
	const stop = useRef(new AbortController());

	// biome-ignore lint/correctness/useExhaustiveDependencies: another job, other lines.
	useEffect(() => {
		stop.current = new AbortController();
		setPages(noPages);
		setNotice(null);
		return () => stop.current.abort();
	}, [batchId]);

	useSometimes(version, REFRESH_MS, () => setPages(outdatePages));

	useEffect(() => {
		if (range === null) return;
		const wanted = pagesWanted(pages, range.first, range.last);
		if (wanted.length === 0) return;
		setPages((before) => askPages(before, wanted));
		const { signal } = stop.current;
		for (const number of wanted) {
			readPage(batchId, number, signal).then(
				(answer) => {
					if (signal.aborted) return;
					setPages((before) => (answer.ok ? takePage(before, number, answer.value.data) : failPage(before, number)));
					if (answer.ok) setNotice(answer.value.notice);
				},
				(error: unknown) => {
					if (!signal.aborted) throw error;
				},
			);
		}
	}, [batchId, pages, range]);

	return {
		lineAt: (line) => lineIn(pages, line),
		look: useCallback((first: number, last: number) => {
			setRange((before) => (before?.first === first && before.last === last ? before : { first, last }));
		}, []),
		notice,
		hasFailed: [...pages.values()].some((page) => page.hasFailed),
		retry: useCallback(() => setPages(retryPages), []),
	};
}

/** Reads one page. The service answers less than was asked for where that takes it long, and says where to go on. */
async function readPage(batchId: string, number: number, signal: AbortSignal): Promise<Answer<BatchLines>> {
	const end = (number + 1) * PAGE_LINES;
	let from = number * PAGE_LINES;
	const data: BatchLine[] = [];
	for (;;) {
		const path = `/api/batches/${encodeURIComponent(batchId)}/lines?from=${from}&limit=${end - from}`;
		const answer = await call<BatchLines>(path, { signal });
		if (!answer.ok) return answer;
		data.push(...answer.value.data);
		const { next_from: next } = answer.value;
		if (next === null || next >= end || next <= from) return { ok: true, value: { ...answer.value, data } };
		from = next;
	}
}
