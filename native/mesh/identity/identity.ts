/**
 * Who this machine is among others: a key of its own, the certificate that carries it, and the id that is its digest. Owns that
 * key and the checks of the other side's. Must never make a new identity where there was one, show the private key to anybody but
 * TLS, or decide who belongs to the mesh: `membership` does.
 */
export * from "./device-id.ts";
export * from "./device-name.ts";
export * from "./open-identity.ts";
export * from "./peer.ts";
export * from "./protocols.ts";
export * from "./signatures.ts";
export * from "./tls-options.ts";
