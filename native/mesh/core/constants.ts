/**
 * Every duration and limit of the protocol, with its reason (reference/mesh 5 and 6). All but the lease are twice what the
 * prototype was simulated with, so that their ratios, and with them its results, carry over.
 */

/** How often a machine says hello to each other one: 870 small frames a second among 30 machines. */
export const HEARTBEAT_MS = 1_000;

/** How often the core wants a `tick`: twice a heartbeat, so that one that comes late still makes the next hello. */
export const TICK_MS = 500;

/** A host unheard for so long is suspected: eight heartbeats, so that lost frames alone never depose one. */
export const SUSPECT_MS = 8_000;

/** What each better candidate in hearing adds to that: longer than a hello takes, so that one of them stands alone. */
export const RANK_MS = 3_000;

/** Heard within this: reachable, and its word on a host counts. Four heartbeats were too few in the simulator. */
export const ALIVE_MS = 6_000;

/** Nothing happened for so long: this computer slept, or stood still. Eight ticks, and half of what makes a host suspected. */
export const GAP_MS = 4_000;

/** Nobody heard for so long: what is on this disk alone is acknowledged as that. Longer than a host takes to be suspected. */
export const ALONE_MS = 10_000;

/** Life of a lease that nobody renews; independent of how long its lines take, since heartbeats renew it. */
export const LEASE_MS = 30_000;

/** The granting side waits longer by this factor: clocks run at different rates, and a renewal takes its way. */
export const GRANTOR_FACTOR = 1.2;

/** Lines of one slice at most: bookkeeping only, since lines are done one by one. */
export const MAX_SLICE_LINES = 5_000;

/** Slices a worker holds at once: the next is there before the last lines of the one before are done, so that no lane stands idle. */
export const MAX_SLICES = 2;

/** Leases that a worker names as done, so that their lines are not granted to it again: more than end between two heartbeats. */
export const MAX_FINISHED = 8;

/** A slice should last a worker about so long: asking again then costs nothing, and little is lost with the worker. */
export const SLICE_MS = 60_000;

/**
 * And never less than so long, towards the end: of two such slices one is worked on while the results of the other, its end and the
 * next one's grant are on their way, so that no lane stands idle. What it costs is that workers end up to so far apart.
 */
export const SHORTEST_SLICE_MS = 2_000;

/** Parts into which each worker's share of what is left is cut: big slices first, small ones at the end (factoring). */
export const SHARES_PER_WORKER = 2;

/** Lines a second assumed of a worker that has not measured itself yet. */
export const DEFAULT_LINES_PER_SECOND = 1;

/** Lines of a worker in hearing are given to a second one only once so little of the batch is left. */
export const TAIL_PART = 0.05;

/** And only after the lease took so many times as long as expected, or `TAIL_PATIENCE_MS`. */
export const TAIL_FACTOR = 2;

/** See `TAIL_FACTOR`. */
export const TAIL_PATIENCE_MS = 10_000;

/** Operations in one frame: at most some 500 bytes each, which keeps below the 256 KiB of a control frame. */
export const MAX_OPERATIONS_A_FRAME = 256;

/** Operations sent and not reported as kept by then are sent again: slow disks take seconds, lost frames are rare. */
export const RESEND_MS = 4_000;

/**
 * A machine that lacks operations of a third one's log for so long, and gets none, is sent them by others too: it may not be in reach of
 * whose log it is. The host is that much earlier (`RESEND_MS`), so that one does it and not all.
 */
export const PASS_ON_MS = 2 * RESEND_MS;

/** An orderly hand-over that takes longer is given up: the follower went away, and work must go on. */
export const HAND_OVER_MS = 30_000;

/** Requests waiting for their acknowledgement: far more than people and programs ask at once, and each check looks at all. */
export const MAX_WAITING = 10_000;
