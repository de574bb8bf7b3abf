import { type ReactNode, useRef } from "react";
import { CopyButton } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** A block of code with its language and a way to copy it. */
export function CodeBlock({ language, children }: { readonly language: string | null; readonly children: ReactNode }) {
	const code = useRef<HTMLPreElement>(null);
	return (
		<div className="overflow-hidden rounded-md border border-line bg-sunken">
			<div className="flex h-8 items-center justify-between border-b border-line pr-0.5 pl-3 text-xs text-muted">
				<span>{language ?? words.chat.message.code}</span>
				<CopyButton isIcon label={words.chat.message.copyCode} text={() => code.current?.textContent.trimEnd() ?? ""} />
			</div>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be scrolled by keyboard too. */}
			<pre ref={code} tabIndex={0} className="overflow-x-auto px-3 py-2.5 leading-[18px] -outline-offset-2">
				{children}
			</pre>
		</div>
	);
}
