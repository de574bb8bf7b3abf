/**
 * Where machines meet: listening, dialling, and the list of open connections. Owns the moment between handshake and first byte, in
 * which a connection is let in or closed. Must never read a byte of a connection, nor write one: who is let in goes on to others.
 */
export * from "./connections.ts";
export * from "./dial.ts";
export * from "./listen.ts";
export * from "./turnstile.ts";
