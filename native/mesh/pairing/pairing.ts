/**
 * How a machine becomes a member: by a code of eight digits that one shows and the other is told, or by a join token. Owns the
 * codes and tokens that are out and the one pairing that may be under way. Must never log a code or a token, let one be guessed more
 * than three times, or believe anything a stranger says before it has shown to know the code. Two meshes whose machines pair become
 * one.
 */
export * from "./create-pairing.ts";
export { type DialogEnd, type DialogLimits, dialogLimits, readCode, showCode } from "./dialog.ts";
export * from "./join.ts";
export { type JoinToken, readToken, type TokenFault, writeToken } from "./tokens.ts";
