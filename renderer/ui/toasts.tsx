import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { words } from "../words/words.ts";

const manager = Toast.createToastManager();

/** Says in passing that something happened; what needs an answer belongs on the screen instead. */
export function say(title: string, description?: string): void {
	manager.add({ title, ...(description === undefined ? {} : { description }) });
}

function Shown(): ReactNode {
	const { toasts } = Toast.useToastManager();
	return toasts.map((toast) => (
		<Toast.Root
			key={toast.id}
			toast={toast}
			className="flex items-start gap-3 rounded-lg border border-line bg-raised px-3.5 py-2.5 shadow-raised"
		>
			<div className="min-w-0 grow">
				<Toast.Title className="font-medium" />
				<Toast.Description className="text-sm text-muted" />
			</div>
			<Toast.Close aria-label={words.common.close} className="rounded-sm p-0.5 text-muted hover:bg-hover">
				<X aria-hidden className="size-3.5" />
			</Toast.Close>
		</Toast.Root>
	));
}

/** Where they show; once, around the page. */
export function Toasts({ children }: { readonly children: ReactNode }) {
	return (
		<Toast.Provider toastManager={manager} timeout={5_000}>
			{children}
			<Toast.Portal>
				{/* Above the foot of the page, which stays within reach. */}
				<Toast.Viewport className="fixed right-3 bottom-26 z-50 wide:bottom-12 flex w-80 max-w-[calc(100vw-24px)] flex-col gap-2">
					<Shown />
				</Toast.Viewport>
			</Toast.Portal>
		</Toast.Provider>
	);
}
