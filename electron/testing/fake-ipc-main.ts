/** The main process' end of the bridge, and pages that call it. Values are cloned on their way, as between processes. */
import { EventEmitter } from "node:events";
import type { FramePort, IpcEvent, IpcPort } from "../security/ports.ts";

/** Who calls: the contents of a window, in their own frame unless another is named. */
interface FakeCaller {
	readonly id: number;
	readonly mainFrame: FramePort;
}

/** Stands for Electron's `ipcMain`. */
export class FakeIpcMain extends EventEmitter implements IpcPort {
	readonly #handlers = new Map<string, (event: IpcEvent, ...values: unknown[]) => unknown>();

	handle(channel: string, listener: (event: IpcEvent, ...values: unknown[]) => unknown): void {
		if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
		this.#handlers.set(channel, listener);
	}

	removeHandler(channel: string): void {
		this.#handlers.delete(channel);
	}

	/** A page calls, as `ipcRenderer.invoke` does; rejects as it does. */
	async invoke(caller: FakeCaller, channel: string, values: unknown[], frame?: FramePort | null): Promise<unknown> {
		const handler = this.#handlers.get(channel);
		if (handler === undefined) {
			throw new Error(`Error invoking remote method '${channel}': Error: No handler registered for '${channel}'`);
		}
		try {
			return structuredClone(await handler(eventOf(caller, frame), ...structuredClone(values)));
		} catch (error) {
			throw new Error(`Error invoking remote method '${channel}': ${String(error)}`);
		}
	}

	/** A page sends, as `ipcRenderer.send` does. */
	send(caller: FakeCaller, channel: string, values: unknown[], frame?: FramePort | null): void {
		this.emit(channel, eventOf(caller, frame), ...structuredClone(values));
	}
}

function eventOf({ id, mainFrame }: FakeCaller, frame: FramePort | null = mainFrame): IpcEvent {
	return { sender: { id }, senderFrame: frame };
}
