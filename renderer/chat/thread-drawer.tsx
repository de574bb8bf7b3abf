import { Dialog } from "@base-ui/react/dialog";
import { PanelLeft, X } from "lucide-react";
import { memo, useState } from "react";
import { words } from "../words/words.ts";
import { ThreadList } from "./thread-list.tsx";

const button =
	"inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text";

/** The list of conversations where there is no room for it: behind a button, from the side. */
export const ThreadDrawer = memo(function ThreadDrawer({ currentId }: { readonly currentId: string | null }) {
	const [isOpen, setIsOpen] = useState(false);
	const said = words.chat.threads;
	return (
		<Dialog.Root open={isOpen} onOpenChange={setIsOpen}>
			<Dialog.Trigger aria-label={said.open} title={said.open} className={button}>
				<PanelLeft aria-hidden className="size-4" />
			</Dialog.Trigger>
			<Dialog.Portal>
				<Dialog.Backdrop className="fixed inset-0 z-40 animate-fade bg-scrim" />
				<Dialog.Popup className="fixed inset-y-0 left-0 z-50 flex w-[min(300px,calc(100vw-48px))] animate-fade flex-col border-r border-line bg-surface shadow-raised">
					<header className="flex h-11 shrink-0 items-center justify-between pr-2 pl-4">
						<Dialog.Title className="font-semibold">{said.title}</Dialog.Title>
						<Dialog.Close aria-label={words.common.close} className={button}>
							<X aria-hidden className="size-4" />
						</Dialog.Close>
					</header>
					<ThreadList currentId={currentId} onChoose={() => setIsOpen(false)} />
				</Dialog.Popup>
			</Dialog.Portal>
		</Dialog.Root>
	);
});
