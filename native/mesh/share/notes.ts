/** Names of the small values that the mesh keeps beside the ledger. */

/** Who this machine is, so that a lost or foreign identity is noticed; empty: nobody any more. */
export const DEVICE_NOTE = "device";

/** `yes`: there were other machines when the service last knew. */
export const SHARED_NOTE = "shared";
