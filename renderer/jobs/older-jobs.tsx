import { useState } from "react";
import type { BatchDetailsList } from "../../native/contract/contract.ts";
import { type ApiFailure, call } from "../api/client.ts";
import { applyBatches, newestFirst, useBatches } from "../state/batches.ts";
import { Button, Failure } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** Jobs that the stream tells when it is opened; where there are fewer, these are all. */
const TOLD_JOBS = 100;
/** Jobs of one page, as many as the service gives at most. */
const PAGE_JOBS = 100;

/** The way to jobs that are older than those the stream tells. They join the store and are as live as the others from then on. */
export function OlderJobs({ count }: { readonly count: number }) {
	const [isBusy, setIsBusy] = useState(false);
	const [hasMore, setHasMore] = useState(true);
	const [error, setError] = useState<ApiFailure | null>(null);
	if (count < TOLD_JOBS) return null;
	const show = async (): Promise<void> => {
		const oldest = newestFirst(useBatches.getState()).at(-1);
		if (oldest === undefined) return;
		setIsBusy(true);
		const path = `/api/batches?limit=${PAGE_JOBS}&after=${encodeURIComponent(oldest.id)}`;
		const answer = await call<BatchDetailsList>(path);
		setIsBusy(false);
		setError(answer.ok ? null : answer.error);
		if (!answer.ok) return;
		const { data, has_more } = answer.value;
		useBatches.setState((state) => applyBatches(state, { changed: [...data], gone: [] }, Date.now()));
		setHasMore(has_more);
	};
	return (
		<div className="mt-3 flex flex-col items-center gap-2">
			{error !== null && <Failure error={error} />}
			{hasMore ? (
				<Button isBusy={isBusy} onClick={() => void show()}>
					{words.jobs.list.showOlder}
				</Button>
			) : (
				<p className="text-sm text-muted">{words.jobs.list.noOlder}</p>
			)}
		</div>
	);
}
