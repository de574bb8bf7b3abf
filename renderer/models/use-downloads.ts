import { useCallback, useEffect, useState } from "react";
import type { Download, DownloadList } from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";
import { poll } from "../api/poll.ts";
import { usePresent } from "../state/present.ts";
import { dropDownload, isGoing, putDownload } from "./downloads.ts";

/** The downloads and what the service answered about one. */
export interface DownloadsHandle {
	/** Empty while nothing is known. */
	readonly downloads: readonly Download[];
	/** Why nothing is known; null: nothing is wrong. */
	readonly error: ApiFailure | null;
	readonly retry: () => void;
	/** Takes in one that the service answered. */
	readonly put: (download: Download) => void;
	/** Takes out one that the service has dropped. */
	readonly drop: (id: string) => void;
}

/** The downloads as the stream tells them; until it does, as they are when asked. */
export function useDownloads(): DownloadsHandle {
	const told = usePresent((state) => state.downloads);
	const [asked, setAsked] = useState<readonly Download[]>([]);
	const [error, setError] = useState<ApiFailure | null>(null);
	const [round, setRound] = useState(0);
	const isTold = told !== null;
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
	useEffect(() => {
		if (isTold) return;
		return poll<DownloadList>("/api/models/downloads", (answer) => {
			setError(answer.ok ? null : answer.error);
			if (!answer.ok) return false;
			setAsked(answer.value.data);
			return answer.value.data.some(isGoing);
		});
	}, [isTold, round]);

	const retry = useCallback(() => setRound((before) => before + 1), []);
	const change = useCallback((alter: (downloads: readonly Download[]) => readonly Download[]) => {
		if (usePresent.getState().downloads === null) {
			setAsked(alter);
			setRound((before) => before + 1);
		}
		usePresent.setState(({ downloads }) => ({ downloads: downloads === null ? null : alter(downloads) }));
	}, []);
	const put = useCallback((download: Download) => change((downloads) => putDownload(downloads, download)), [change]);
	const drop = useCallback((id: string) => change((downloads) => dropDownload(downloads, id)), [change]);
	return { downloads: told ?? asked, error: isTold ? null : error, retry, put, drop };
}
