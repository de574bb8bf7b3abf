/**
 * Helpers with no domain: results, time, files, exhaustiveness. Owns nothing that knows of batches, models or machines, and must
 * never import another room.
 */
export * from "./assert-never.ts";
export * from "./clock.ts";
export * from "./duration.ts";
export * from "./estimate.ts";
export * from "./files.ts";
export * from "./json.ts";
export * from "./listeners.ts";
export * from "./log.ts";
export * from "./numbers.ts";
export * from "./result.ts";
