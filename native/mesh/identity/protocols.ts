/** What is spoken over a connection is agreed in the handshake (ALPN), before a byte of it. */

/** Between members. The number changes when an older member could not follow. */
export const MEMBER_PROTOCOL = "mesh/1";
/** Between machines one of which is about to become a member; spoken only while the owner wants that. */
export const PAIRING_PROTOCOL = "mesh-pair/1";

/** One of the two. */
export type MeshProtocol = typeof MEMBER_PROTOCOL | typeof PAIRING_PROTOCOL;
