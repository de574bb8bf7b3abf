/**
 * Other machines. Not yet used by the service: so far there are only the rules by which machines decide together (`core/`) and the
 * made-up world in which they are tried (`simulator/`). Discovery, pairing and transport come to stand around the core; whatever
 * they do, they must hand it every event with its moment and do every effect, and must never decide anything themselves.
 */
export * from "./core/core.ts";
