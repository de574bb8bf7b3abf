import { words } from "../words/words.ts";

/** Why a change was not saved, said at once to whoever listens; nothing while it was. */
export function NotSaved({ fault }: { readonly fault: string | null }) {
	if (fault === null) return null;
	return (
		<p role="alert" className="mt-1.5 text-sm text-bad">
			{words.settings.notSaved(fault)}
		</p>
	);
}
