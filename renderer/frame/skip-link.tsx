import type { RefObject } from "react";
import { words } from "../words/words.ts";

/** The first stop of the Tab key: past the navigation. A button, for a link's `#content` would be taken for a screen's address. */
export function SkipLink({ target }: { readonly target: RefObject<HTMLElement | null> }) {
	return (
		<button
			type="button"
			onClick={() => target.current?.focus()}
			className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:border focus:border-line focus:bg-raised focus:px-3 focus:py-1.5 focus:font-medium focus:shadow-raised"
		>
			{words.common.skipToContent}
		</button>
	);
}
