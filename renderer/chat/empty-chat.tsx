import { routeTo } from "../state/route.ts";
import { words } from "../words/words.ts";
import { happen } from "./store.ts";

const said = words.chat.empty;

/** Nothing was said yet: what one might say. */
export function EmptyChat({ id }: { readonly id: string | null }) {
	return (
		<div className="flex min-h-0 grow flex-col items-center justify-center gap-4 overflow-y-auto px-4 py-6">
			<div className="text-center">
				<p className="text-lg font-semibold">{said.title}</p>
				<p className="mt-1 max-w-96 text-muted">{said.body}</p>
			</div>
			<ul className="flex w-full max-w-xl flex-col gap-2 wide:flex-row">
				{said.examples.map(({ title, text }) => (
					<li key={title} className="flex wide:flex-1">
						<button
							type="button"
							onClick={() => begin(id, text)}
							className="w-full rounded-lg border border-line bg-surface px-3 py-2.5 text-left hover:bg-hover"
						>
							<span className="block font-medium">{title}</span>
							<span className="mt-0.5 line-clamp-3 text-sm text-muted">{text.trim()}</span>
						</button>
					</li>
				))}
			</ul>
		</div>
	);
}

/** Puts an example where one writes, to go on from it. */
function begin(id: string | null, text: string): void {
	happen({ kind: "drafted", id, text });
	document.querySelector<HTMLTextAreaElement>("#content textarea[data-composer]")?.focus();
}

/** No model can answer. */
export function NoModel() {
	return (
		<div className="flex grow flex-col items-center justify-center gap-2 px-4 text-center">
			<p className="text-lg font-semibold">{said.noModel}</p>
			<p className="max-w-96 text-muted">{said.noModelBody}</p>
			<a
				href={routeTo("models")}
				className="mt-1 inline-flex h-8 items-center rounded-md bg-accent px-3 font-medium text-on-accent hover:opacity-90"
			>
				{said.toModels}
			</a>
		</div>
	);
}
