import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { words } from "../words/words.ts";
import { join } from "./join.ts";

/** A window over the page. */
export interface DialogProps {
	readonly isOpen: boolean;
	readonly onClose: () => void;
	readonly title: string;
	readonly description?: ReactNode;
	readonly children?: ReactNode;
	/** Buttons at its foot, the one to press last. */
	readonly actions?: ReactNode;
	readonly isWide?: boolean;
}

/** A window over the page; Escape and a click beside it close it, and the focus goes back to where it was. */
export function Dialog({ isOpen, onClose, title, description, children, actions, isWide = false }: DialogProps) {
	return (
		<BaseDialog.Root
			open={isOpen}
			onOpenChange={(open) => {
				if (!open) onClose();
			}}
		>
			<BaseDialog.Portal>
				<BaseDialog.Backdrop className="fixed inset-0 z-40 animate-fade bg-scrim" />
				<BaseDialog.Popup
					className={join(
						"fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-32px)] w-[calc(100vw-24px)] -translate-x-1/2 -translate-y-1/2 flex-col",
						"animate-fade rounded-lg border border-line bg-surface shadow-raised",
						isWide ? "max-w-4xl" : "max-w-lg",
					)}
				>
					<header className="flex items-start justify-between gap-4 px-4 pt-3.5">
						<BaseDialog.Title className="text-lg font-semibold">{title}</BaseDialog.Title>
						<BaseDialog.Close
							aria-label={words.common.close}
							className="inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-hover"
						>
							<X aria-hidden className="size-4" />
						</BaseDialog.Close>
					</header>
					{description !== undefined && (
						<BaseDialog.Description className="px-4 pt-1 text-muted">{description}</BaseDialog.Description>
					)}
					<div className="min-h-0 overflow-y-auto px-4 py-3.5">{children}</div>
					{actions !== undefined && (
						<footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">{actions}</footer>
					)}
				</BaseDialog.Popup>
			</BaseDialog.Portal>
		</BaseDialog.Root>
	);
}
