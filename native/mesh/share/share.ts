/**
 * The service's side of the mesh: does what the core decided with the ledger and the jobs, and tells it what came of it.
 *
 * Owns which slices are in hand here and which batches this host is to end. Must never decide who works on what, who is host or
 * when a batch ends: that is the core's; and never touch a socket: that is the node's.
 */
export * from "./create-share.ts";
