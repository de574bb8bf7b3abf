/** A tenure of a host. Every one has its own; what a host decides carries it, so that a later host's word can be told from it. */
export interface Epoch {
	readonly term: number;
	/** What the owner preferred that machine by when it stood: lower is better. Part of the epoch so that all order two alike. */
	readonly rank: number;
	readonly device: string;
}

/**
 * Positive: `left` is the higher one, whose host stays when both meet. The higher term is; on equal terms the preferred machine,
 * by its rank and then its name, the lower of which counts as higher.
 */
export function compareEpochs(left: Epoch, right: Epoch): number {
	if (left.term !== right.term) return left.term - right.term;
	if (left.rank !== right.rank) return right.rank - left.rank;
	if (left.device === right.device) return 0;
	return left.device < right.device ? 1 : -1;
}

/** Whether `epoch` is higher than what is known so far; null: nothing is. */
export function isHigher(epoch: Epoch, known: Epoch | null): boolean {
	return known === null || compareEpochs(epoch, known) > 0;
}

/** The epoch as text, the same for equal ones only. */
export function epochName(epoch: Epoch): string {
	return `${epoch.term}.${epoch.device}`;
}
