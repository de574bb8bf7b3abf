import { SlidersHorizontal, SquarePen } from "lucide-react";
import { memo } from "react";
import { routeTo } from "../state/route.ts";
import { join } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { ThreadActions } from "./thread-actions.tsx";
import { ThreadDrawer } from "./thread-drawer.tsx";

/** What the head takes. */
export interface PaneHeadProps {
	/** Null: a conversation that begins. */
	readonly id: string | null;
	readonly title: string;
	/** The options are other than usual. */
	readonly isSpecial: boolean;
	readonly areOptionsOpen: boolean;
	readonly onOptions: () => void;
}

const said = words.chat;

const button =
	"inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text";

/** What a conversation is called, and what can be done to it. */
export const PaneHead = memo(function PaneHead(props: PaneHeadProps) {
	const { id, isSpecial, areOptionsOpen, onOptions } = props;
	const title = props.title === "" ? said.threads.untitled : props.title;
	return (
		<header className="flex h-11 shrink-0 items-center gap-0.5 border-b border-line px-2">
			<span className="wide:hidden">
				<ThreadDrawer currentId={id} />
			</span>
			<h1 className="min-w-0 grow truncate px-1.5 font-semibold" title={title}>
				{title}
			</h1>
			<a
				href={routeTo("chat")}
				aria-label={said.threads.new}
				title={said.threads.new}
				className={join(button, "wide:hidden")}
			>
				<SquarePen aria-hidden className="size-4" />
			</a>
			<button
				type="button"
				aria-label={said.options.open}
				title={said.options.open}
				aria-expanded={areOptionsOpen}
				onClick={onOptions}
				className={join(button, areOptionsOpen && "bg-hover", isSpecial && "text-accent hover:text-accent")}
			>
				<SlidersHorizontal aria-hidden className="size-4" />
			</button>
			{id !== null && <ThreadActions id={id} title={title} />}
		</header>
	);
});
