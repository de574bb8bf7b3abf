/**
 * The rules of the protocol that the simulator can take away, one at a time, to see that its checks notice. The product always
 * runs with `ALL_RULES`; nothing but the simulator may set others.
 */
export interface Rules {
	/** R1: operations leave this machine only once they are on its disk. */
	readonly sendsOnlyDurable: boolean;
	/** Acknowledged as safe on two machines only when two have it. */
	readonly countsCopies: boolean;
	/** E1: a term is on disk before anybody acts under it. */
	readonly savesTermFirst: boolean;
	/** E1: nobody stands while a machine in hearing vouches for a host. */
	readonly asksPeersFirst: boolean;
	/** E2: a host that meets a higher one lays down its office. */
	readonly givesWay: boolean;
	/** E3: a host that hears of a higher epoch that nobody holds stays. */
	readonly reasserts: boolean;
	/** E4: only a host heard with one's own ears is vouched for. */
	readonly vouchesHonestly: boolean;
	/** E5: after a gap nothing believed before it is. */
	readonly mindsGaps: boolean;
	/** E5: and that comes before any message. */
	readonly mindsGapsFirst: boolean;
	/** E8: grants of earlier hosts are refused. */
	readonly fencesGrants: boolean;
	/** Two hosts that do not know of each other begin at different ends of a batch. */
	readonly cutsFromBothEnds: boolean;
	/** A batch is sealed when every line has a result. */
	readonly waitsForAllLines: boolean;
	/** Lines of a lease that nobody renewed go back. */
	readonly reclaimsLeases: boolean;
	/** When nothing is free, the lines of the slow and the silent are given out again. */
	readonly coversTail: boolean;
	/** R2: duties derive from the ledger, so that a new host publishes what the one before sealed. */
	readonly adoptsSeals: boolean;
}

/** The protocol as it is meant. */
export const ALL_RULES: Rules = {
	sendsOnlyDurable: true,
	countsCopies: true,
	savesTermFirst: true,
	asksPeersFirst: true,
	givesWay: true,
	reasserts: true,
	vouchesHonestly: true,
	mindsGaps: true,
	mindsGapsFirst: true,
	fencesGrants: true,
	cutsFromBothEnds: true,
	waitsForAllLines: true,
	reclaimsLeases: true,
	coversTail: true,
	adoptsSeals: true,
};
