/** What a screen asks for anew when the service is back. */
import { useEffect, useRef } from "react";
import { useConnection } from "./connection.ts";

/** Calls `reload` each time the service answers again after it did not; nothing at the first time. */
export function useWhenBack(reload: () => void): void {
	const phase = useConnection((state) => state.phase);
	const wasOffline = useRef(false);
	useEffect(() => {
		if (phase === "offline") wasOffline.current = true;
		if (phase !== "online" || !wasOffline.current) return;
		wasOffline.current = false;
		reload();
	}, [phase, reload]);
}
