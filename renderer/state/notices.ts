/** What the service told people lately. */
import { create } from "zustand";
import type { NoticeObject } from "../../native/contract/contract.ts";

/** The notices of this page's life, oldest first. */
export interface NoticesState {
	readonly notices: readonly NoticeObject[];
	/** Number of the newest; null: none yet. Where the stream is taken up again. */
	readonly lastNumber: number | null;
}

/** Kept: more than anybody reads; the morning report has the rest. */
const MOST_NOTICES = 100;

/** None yet. */
export const noNotices: NoticesState = { notices: [], lastNumber: null };

/** Takes in a notice; one that was told already changes nothing. */
export function applyNotice(state: NoticesState, notice: NoticeObject): NoticesState {
	if (state.lastNumber !== null && notice.number <= state.lastNumber) return state;
	return { notices: [...state.notices, notice].slice(-MOST_NOTICES), lastNumber: notice.number };
}

/** The store. */
export const useNotices = create<NoticesState>(() => noNotices);
