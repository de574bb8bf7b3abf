/** Something asked for when a screen opens. */
import { useCallback, useEffect, useState } from "react";
import { type ApiFailure, call } from "../api/client.ts";

/** How it stands with what was asked for. */
export type Resource<Value> =
	| { readonly state: "loading" }
	| { readonly state: "failed"; readonly error: ApiFailure }
	| { readonly state: "there"; readonly value: Value };

/** What `useResource` gives. */
export interface ResourceHandle<Value> {
	readonly resource: Resource<Value>;
	/** Asks again; what is there stays until the new answer comes. */
	readonly reload: () => void;
	/** Puts a value there that the service has answered elsewhere. */
	readonly put: (value: Value) => void;
}

/** Asks for a path when a screen opens, when the path changes, and on `reload`; null asks for nothing. */
export function useResource<Value>(path: string | null): ResourceHandle<Value> {
	const [resource, setResource] = useState<Resource<Value>>({ state: "loading" });
	const [round, setRound] = useState(0);
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again for the same path.
	useEffect(() => {
		if (path === null) return;
		const stop = new AbortController();
		call<Value>(path, { signal: stop.signal }).then(
			(answer) => {
				if (stop.signal.aborted) return;
				setResource(answer.ok ? { state: "there", value: answer.value } : { state: "failed", error: answer.error });
			},
			(error: unknown) => {
				if (!stop.signal.aborted) throw error;
			},
		);
		return () => stop.abort();
	}, [path, round]);
	const reload = useCallback(() => setRound((before) => before + 1), []);
	const put = useCallback((value: Value) => setResource({ state: "there", value }), []);
	return { resource, reload, put };
}
