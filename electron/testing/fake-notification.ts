/**
 * A desktop that shows notifications, as one of the three systems does: what stands can be read, clicked and dismissed. Windows and macOS put
 * one in the place of another with its id; Linux lets both stand.
 */
import { EventEmitter } from "node:events";
import type { ActivationArguments, NotificationConstructorOptions } from "electron";
import type { NotificationPort } from "../notifications/notifications.ts";

/** One notification. */
export class FakeNotification extends EventEmitter implements NotificationPort {
	readonly options: NotificationConstructorOptions;
	readonly #desktop: FakeNotifications;

	constructor(desktop: FakeNotifications, options: NotificationConstructorOptions) {
		super();
		this.#desktop = desktop;
		this.options = options;
	}

	get id(): string {
		return this.options.id ?? "";
	}

	show(): void {
		this.#desktop.take(this);
	}

	close(): void {
		if (this.#desktop.remove(this)) this.emit("close");
	}
}

/** The desktop. */
export class FakeNotifications {
	/** Why none is shown; null: they are. */
	failure: string | null = null;
	isSupported = true;
	/** How often something has popped up so far. */
	popUps = 0;
	#standing: FakeNotification[] = [];
	#activation: (details: ActivationArguments) => void = () => {};

	/** Titles of what stands, oldest first. */
	get titles(): readonly string[] {
		return this.#standing.map(({ options }) => options.title ?? "");
	}

	/** What stands. */
	get standing(): readonly NotificationConstructorOptions[] {
		return this.#standing.map(({ options }) => options);
	}

	create = (options: NotificationConstructorOptions): FakeNotification => new FakeNotification(this, options);

	/** What stands, as a program that was started anew is given it: other objects than those of before. */
	history = async (): Promise<readonly FakeNotification[]> => {
		this.#standing = this.#standing.map(({ options }) => new FakeNotification(this, options));
		return this.#standing;
	};

	handleActivation = (callback: (details: ActivationArguments) => void): void => {
		this.#activation = callback;
	};

	take(notification: FakeNotification): void {
		if (this.failure !== null) {
			notification.emit("failed", {}, this.failure);
			return;
		}
		const { id } = notification.options;
		this.#standing = this.#standing.filter(({ options }) => id === undefined || options.id !== id);
		this.#standing.push(notification);
		this.popUps += 1;
	}

	/** Answers whether it stood. */
	remove(notification: FakeNotification): boolean {
		const before = this.#standing.length;
		this.#standing = this.#standing.filter((one) => one !== notification);
		return this.#standing.length < before;
	}

	/** The user clicks the notification of a title; Windows tells the program of it too. */
	click(title: string): void {
		const notification = this.#standing.find(({ options }) => options.title === title);
		if (notification === undefined) throw new Error(`No notification "${title}" stands: ${this.titles.join(", ")}`);
		this.remove(notification);
		this.#activation({ type: "click", arguments: "type=click" });
		notification.emit("click");
	}

	/** A click on what an earlier run of the program has shown. */
	activate(text: string): void {
		this.#activation({ type: "click", arguments: text });
	}
}
