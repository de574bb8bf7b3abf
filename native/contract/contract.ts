/**
 * What this program says and hears over HTTP: schemas and types, with their docs. Owns the wire shapes and nothing else; must
 * never import anything but zod, so that the page, the shell and other programs can use it as it is.
 *
 * Requests are objects whose unknown keys are dropped, never refused, as OpenAI does. Responses name every key they carry.
 */
export * from "./openai/batches.ts";
export * from "./openai/chat.ts";
export * from "./openai/chat-response.ts";
export * from "./openai/completions.ts";
export * from "./openai/embeddings.ts";
export * from "./openai/errors.ts";
export * from "./openai/files.ts";
export * from "./openai/models.ts";
export * from "./openai/sampling.ts";
export * from "./openai/shared.ts";
export * from "./openai/uploads.ts";
