/**
 * What members of a mesh say and give to each other: one link to each, on which frames go, and connections for blobs. Owns links,
 * which way a frame goes, how hard others are called, and every limit on what they may send. Must never let in who is no member,
 * read what a frame means beyond its form, write to the ledger, or hold a blob in memory.
 */
export type { BlobFault, BlobRequest } from "./blobs/fetch-blobs.ts";
export type { OpenedBlob, OpenRequest } from "./blobs/open-blob.ts";
export type { BlobSource } from "./blobs/serve-blobs.ts";
export type { Address } from "./caller.ts";
export * from "./create-transport.ts";
export { type TransportLimits, transportLimits } from "./limits.ts";
export type { Traffic } from "./traffic-count.ts";
export type { LinkView } from "./view.ts";
export { countThatFit, type WireMessage, type WireOperation } from "./wire/core-messages.ts";
export type { Frame, ToldAddress } from "./wire/frames.ts";
export { PROTOCOL, type Protocol } from "./wire/opening.ts";
