/** Where the message buses are, by D-Bus Specification 0.43, "Well-known Message Bus Instances". Pure. */

/** The bus of the user's session. Started as a service of the user, we are not told where it is, but it is where systemd puts it. */
export function sessionBusAddress(environment: NodeJS.ProcessEnv, userId: number): string {
	const folder = environment.XDG_RUNTIME_DIR || `/run/user/${userId}`;
	return environment.DBUS_SESSION_BUS_ADDRESS || `unix:path=${folder}/bus`;
}

/** The bus of the system. */
export function systemBusAddress(environment: NodeJS.ProcessEnv): string {
	return environment.DBUS_SYSTEM_BUS_ADDRESS || "unix:path=/run/dbus/system_bus_socket";
}
