/**
 * The shell's composition root: builds every room around one link to the service, in order, and starts them. Nothing else constructs a
 * room. Must never hold logic of its own.
 */
import { existsSync, readFileSync } from "node:fs";
import { createBridge } from "./bridge/bridge.ts";
import type { Host } from "./host.ts";
import { type Log, openLog } from "./log.ts";
import { createLoginItem, wasStartedHidden } from "./login-item/login-item.ts";
import { createMemory } from "./memory/create-memory.ts";
import type { Memory } from "./memory/memory.ts";
import { APP_USER_MODEL_ID, TOAST_ACTIVATOR_CLSID } from "./notifications/activation.ts";
import { createNotifications } from "./notifications/notifications.ts";
import { startTaskbarProgress } from "./notifications/taskbar.ts";
import { createInbox, createOpen, type Inbox, registerLinks } from "./open/open.ts";
import { type Places, placesIn, userDataIn } from "./places.ts";
import { createPower } from "./power/power.ts";
import { createQuit, type Quit } from "./quit/quit.ts";
import { guardApp, pagePreferences } from "./security/security.ts";
import { createTrustedIpc, createTrustedSenders } from "./security/trusted-ipc.ts";
import { createLink, type OwnedLink } from "./service/create-link.ts";
import type { ImagePort } from "./tray/ports.ts";
import { createTrayIcon } from "./tray/tray.ts";
import { createUpdates, type Updates } from "./updates/updates.ts";
import { createWindows, type Windows } from "./windows/windows.ts";
import { shellWords } from "./words/shell.ts";
