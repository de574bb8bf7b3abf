/** Whether the service answers, and whether this page is let in. */
import { create } from "zustand";

/** How it stands with the service. */
export type ConnectionPhase = "connecting" | "online" | "offline" | "signed-out";

/** The store. */
export const useConnection = create<{ readonly phase: ConnectionPhase }>(() => ({ phase: "connecting" }));
