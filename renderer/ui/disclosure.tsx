import { Collapsible } from "@base-ui/react/collapsible";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

/** Something folded away until it is asked for. */
export function Disclosure({
	label,
	children,
	isOpenAtFirst = false,
}: {
	readonly label: ReactNode;
	readonly children: ReactNode;
	readonly isOpenAtFirst?: boolean;
}) {
	return (
		<Collapsible.Root defaultOpen={isOpenAtFirst}>
			<Collapsible.Trigger className="group flex min-h-6 items-center gap-1 rounded-sm text-sm font-medium text-muted hover:text-text">
				<ChevronRight aria-hidden className="size-3.5 transition-transform group-data-[panel-open]:rotate-90" />
				{label}
			</Collapsible.Trigger>
			<Collapsible.Panel className="pt-2.5">{children}</Collapsible.Panel>
		</Collapsible.Root>
	);
}
