/** Dialogs and the user before them. A dialog that nobody answers stays open; tests see what it asks. */
import type { MessageBoxOptions, MessageBoxReturnValue, OpenDialogOptions } from "electron";
import type { DialogParent, OpenDialogAnswer, OpenDialogPort } from "../bridge/bridge.ts";

/** A dialog that asks for files. */
interface FakeOpenDialog {
	readonly kind: "files";
	readonly parent: DialogParent | null;
	readonly options: OpenDialogOptions;
	/** The user chooses these; none: they cancel. */
	choose(paths: readonly string[]): void;
}

/** A dialog that asks a question. */
interface FakeMessageBox {
	readonly kind: "message";
	readonly parent: DialogParent | null;
	readonly options: MessageBoxOptions;
	/** The user presses the button of this label; with or without the box ticked. */
	press(button: string, isChecked?: boolean): void;
	/** The user presses Escape, or closes it. */
	dismiss(): void;
}

/** Stands for Electron's `dialog`. */
export class FakeDialog implements OpenDialogPort {
	readonly #open = new Set<FakeOpenDialog | FakeMessageBox>();
	/** Errors that were said without a question, in order. */
	readonly errors: { readonly title: string; readonly content: string }[] = [];

	/** Those that are open, oldest first. */
	get open(): readonly (FakeOpenDialog | FakeMessageBox)[] {
		return [...this.#open];
	}

	/** The dialog for files that is open; throws where there is none. */
	get files(): FakeOpenDialog {
		const found = this.open.find((dialog) => dialog.kind === "files");
		if (found === undefined) throw new Error("No dialog asks for files.");
		return found;
	}

	/** The question that is open; throws where there is none. */
	get question(): FakeMessageBox {
		const found = this.open.find((dialog) => dialog.kind === "message");
		if (found === undefined) throw new Error("No dialog asks anything.");
		return found;
	}

	showOpenDialog(parent: DialogParent, options: OpenDialogOptions): Promise<OpenDialogAnswer>;
	showOpenDialog(options: OpenDialogOptions): Promise<OpenDialogAnswer>;
	showOpenDialog(first: DialogParent | OpenDialogOptions, second?: OpenDialogOptions): Promise<OpenDialogAnswer> {
		const { parent, options } = sort(first, second);
		const { promise, resolve } = Promise.withResolvers<OpenDialogAnswer>();
		const dialog: FakeOpenDialog = {
			kind: "files",
			parent,
			options,
			choose: (paths) => {
				this.#open.delete(dialog);
				resolve({ canceled: paths.length === 0, filePaths: [...paths] });
			},
		};
		this.#open.add(dialog);
		return promise;
	}

	showMessageBox(parent: DialogParent, options: MessageBoxOptions): Promise<MessageBoxReturnValue>;
	showMessageBox(options: MessageBoxOptions): Promise<MessageBoxReturnValue>;
	showMessageBox(first: DialogParent | MessageBoxOptions, second?: MessageBoxOptions): Promise<MessageBoxReturnValue> {
		const { parent, options } = sort(first, second);
		const { promise, resolve } = Promise.withResolvers<MessageBoxReturnValue>();
		const end = (response: number, checkboxChecked: boolean) => {
			this.#open.delete(dialog);
			resolve({ response, checkboxChecked });
		};
		const dialog: FakeMessageBox = {
			kind: "message",
			parent,
			options,
			press: (button, isChecked = options.checkboxChecked ?? false) => {
				const index = options.buttons?.indexOf(button) ?? -1;
				if (index === -1) throw new Error(`There is no button "${button}", only: ${options.buttons?.join(" | ")}`);
				end(index, isChecked);
			},
			dismiss: () => end(options.cancelId ?? 0, options.checkboxChecked ?? false),
		};
		this.#open.add(dialog);
		return promise;
	}

	showErrorBox(title: string, content: string): void {
		this.errors.push({ title, content });
	}
}

function sort<Options extends object>(
	first: DialogParent | Options,
	second: Options | undefined,
): { readonly parent: DialogParent | null; readonly options: Options } {
	if (second !== undefined && "isDestroyed" in first) return { parent: first, options: second };
	if ("isDestroyed" in first) throw new TypeError("A dialog needs options.");
	return { parent: null, options: first };
}
