import { Boxes, Home, ListChecks, MessageSquare, Monitor, Settings, Sunrise } from "lucide-react";
import { useEffect } from "react";
import { routeTo, type Screen } from "../state/route.ts";
import { join } from "../ui/ui.ts";
import { words } from "../words/words.ts";

const places = [
	{ screen: "home", label: words.common.home, Icon: Home },
	{ screen: "jobs", label: words.common.jobs, Icon: ListChecks },
	{ screen: "chat", label: words.common.chat, Icon: MessageSquare },
	{ screen: "machines", label: words.common.machines, Icon: Monitor },
	{ screen: "models", label: words.common.models, Icon: Boxes },
	{ screen: "morning", label: words.common.morning, Icon: Sunrise },
	{ screen: "settings", label: words.common.settings, Icon: Settings },
] as const satisfies readonly { readonly screen: Screen; readonly label: string; readonly Icon: typeof Home }[];

/** A bar beside the place where one is: colour is not its only sign. */
const here =
	"font-medium text-accent before:absolute before:-top-1 before:h-0.5 before:w-8 before:rounded-full before:bg-accent wide:bg-accent-soft wide:before:top-2 wide:before:left-0 wide:before:h-4 wide:before:w-0.75";

/** Where one can go: at the side of a window, at the foot of the popover. */
export function Navigation({ screen }: { readonly screen: Screen }) {
	const label = places.find((place) => place.screen === screen)?.label;
	useEffect(() => {
		document.title = label === undefined ? words.common.product : `${label} – ${words.common.product}`;
	}, [label]);
	return (
		<nav
			aria-label={words.common.navigation}
			className="shrink-0 border-t border-line bg-surface wide:w-44 wide:border-t-0 wide:border-r"
		>
			<p className="hidden px-4 pt-4 pb-3 text-base font-semibold wide:block">{words.common.product}</p>
			<ul className="flex px-1 py-1 wide:flex-col wide:gap-0.5 wide:px-2">
				{places.map(({ screen: place, label: name, Icon }) => (
					<li key={place} className="min-w-0 grow basis-0 wide:w-full wide:grow-0 wide:basis-auto">
						<a
							href={routeTo(place)}
							aria-current={place === screen ? "page" : undefined}
							className={join(
								"relative flex h-11 flex-col items-center justify-center gap-0.5 rounded-md text-2xs",
								"wide:h-8 wide:flex-row wide:justify-start wide:gap-2.5 wide:px-2.5 wide:text-base",
								place === screen ? here : "text-muted hover:bg-hover hover:text-text",
							)}
						>
							<Icon aria-hidden className="size-4.5 shrink-0 wide:size-4" />
							<span className="max-w-full truncate">{name}</span>
						</a>
					</li>
				))}
			</ul>
		</nav>
	);
}
