import { Suspense, useDeferredValue } from "react";
import { part } from "../state/part.ts";

const Markdown = part(() => import("./markdown.tsx").then(({ Markdown }) => Markdown));

/** An answer's text; plain until what reads its markdown is there. On a slow machine words come in bigger pieces, never in the way of keys. */
export function RichText({ text: newest }: { readonly text: string }) {
	const text = useDeferredValue(newest);
	return (
		<Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
			<Markdown text={text} />
		</Suspense>
	);
}
