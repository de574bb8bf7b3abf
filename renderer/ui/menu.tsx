import { Menu as BaseMenu } from "@base-ui/react/menu";
import { EllipsisVertical } from "lucide-react";
import type { ReactNode } from "react";
import { join } from "./join.ts";

/** One entry of a menu. */
export interface MenuEntry {
	readonly label: string;
	readonly icon?: ReactNode;
	readonly onChoose: () => void;
	readonly isDisabled?: boolean;
	readonly isDangerous?: boolean;
}

/** Further things that can be done to something. */
export function Menu({ label, entries }: { readonly label: string; readonly entries: readonly MenuEntry[] }) {
	return (
		<BaseMenu.Root>
			<BaseMenu.Trigger
				aria-label={label}
				title={label}
				className="inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
			>
				<EllipsisVertical aria-hidden className="size-4" />
			</BaseMenu.Trigger>
			<BaseMenu.Portal>
				<BaseMenu.Positioner sideOffset={4} align="end" className="z-50">
					<BaseMenu.Popup className="min-w-44 rounded-lg border border-line bg-raised p-1 shadow-raised">
						{entries.map((entry) => (
							<BaseMenu.Item
								key={entry.label}
								disabled={entry.isDisabled ?? false}
								onClick={entry.onChoose}
								className={join(
									"flex items-center gap-2 rounded-md px-2 py-1.5 outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover",
									entry.isDangerous === true && "text-bad",
								)}
							>
								{entry.icon}
								{entry.label}
							</BaseMenu.Item>
						))}
					</BaseMenu.Popup>
				</BaseMenu.Positioner>
			</BaseMenu.Portal>
		</BaseMenu.Root>
	);
}
