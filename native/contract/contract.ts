/**
 * What this program says and hears over HTTP: schemas and types, with their docs. Owns the wire shapes and nothing else; must
 * never import anything but zod, so that the page, the shell and other programs can use it as it is.
 *
 * Requests are objects whose unknown keys are dropped, never refused, as OpenAI does. Responses name every key they carry.
 */
export * from "./anthropic/batches.ts";
export * from "./anthropic/errors.ts";
export * from "./anthropic/message.ts";
export * from "./anthropic/messages.ts";
export * from "./anthropic/models.ts";
export * from "./api/batch-lines.ts";
export * from "./api/batch-options.ts";
export * from "./api/batches.ts";
export * from "./api/events.ts";
export * from "./api/files-by-path.ts";
export * from "./api/forecast.ts";
export * from "./api/gpu-packs.ts";
export * from "./api/keys.ts";
export * from "./api/live-view.ts";
export * from "./api/machine.ts";
export * from "./api/mesh.ts";
export * from "./api/models.ts";
export * from "./api/reports.ts";
export * from "./api/session.ts";
export * from "./api/settings.ts";
export * from "./api/status.ts";
export * from "./api/threads.ts";
export * from "./api/verdict.ts";
export * from "./gemini/errors.ts";
export * from "./gemini/generate-content.ts";
export * from "./gemini/generate-content-response.ts";
export * from "./openai/batches.ts";
export * from "./openai/chat.ts";
export * from "./openai/chat-response.ts";
export * from "./openai/chat-stream.ts";
export * from "./openai/completions.ts";
export * from "./openai/embeddings.ts";
export * from "./openai/errors.ts";
export * from "./openai/files.ts";
export * from "./openai/models.ts";
export * from "./openai/responses.ts";
export * from "./openai/responses-events.ts";
export * from "./openai/responses-input.ts";
export * from "./openai/responses-reply.ts";
export * from "./openai/responses-tools.ts";
export * from "./openai/sampling.ts";
export * from "./openai/shared.ts";
export * from "./openai/uploads.ts";
export * from "./service-process.ts";
export * from "./shell.ts";
