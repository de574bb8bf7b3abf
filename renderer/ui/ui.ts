/**
 * The page's controls: what a button, a field or a dialog looks like and how it behaves. Owns looks and keyboard; must never know of
 * batches, models or the service.
 */
export * from "./button.tsx";
export * from "./card.tsx";
export * from "./confirm.tsx";
export * from "./copy-button.tsx";
export * from "./dialog.tsx";
export * from "./disclosure.tsx";
export * from "./field.tsx";
export * from "./join.ts";
export * from "./menu.tsx";
export * from "./meter.tsx";
export * from "./notice.tsx";
export * from "./segmented.tsx";
export * from "./select.tsx";
export * from "./sparkline.tsx";
export * from "./state-views.tsx";
export * from "./switch.tsx";
export * from "./tag.tsx";
export * from "./toasts.tsx";
