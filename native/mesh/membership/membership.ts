/**
 * Who belongs to the mesh: what members have signed, and what follows from it. Owns the set of those records and its fold. Must
 * never forget a record, count one whose signature it has not checked, or let a machine back in that was removed.
 */
export * from "./create-membership.ts";
export * from "./fold.ts";
export * from "./records.ts";
