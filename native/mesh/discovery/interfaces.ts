/** Which of this computer's network interfaces other machines may be behind. */
import { isIPv4 } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";
import { ipv4Number } from "./addresses.ts";

/** One IPv4 address of an interface. IPv6 is left out: its local addresses need zones, and the library has no sockets for it. */
export interface NetworkInterface {
	readonly name: string;
	readonly address: string;
	readonly netmask: string;
	/** Where a datagram reaches all machines of the subnet. */
	readonly broadcast: string;
}

/** What `os.networkInterfaces` answers. */
export type SystemInterfaces = NodeJS.Dict<readonly NetworkInterfaceInfo[]>;

/** Sockets are held per interface; a computer with more real networks than this does not exist, one with more virtual ones does. */
const MOST_INTERFACES = 8;
/**
 * Names of networks inside this computer, and of tunnels: containers, virtual machines, peer-to-peer radio. Hyper-V's external
 * switch, also called vEthernet, carries the computer's real address, so only the two internal ones are left out.
 */
const VIRTUAL =
	/^(docker|br-[0-9a-f]{12}|veth(?!ernet)|virbr|vboxnet|vmnet|lxc|lxd|cni|flannel|podman|cali|utun|tun\d|awdl|llw|anpi|vEthernet \((WSL|Default Switch)|VirtualBox Host-Only|VMware Network Adapter)/i;
/** Addresses that a computer gives itself where nobody hands any out: good between two cables, useless beside another. */
const LINK_LOCAL = /^169\.254\./;
const ALL_BITS = 2 ** 32 - 1;

/** The addresses worth looking from, those with a handed-out address first. */
export function usableInterfaces(all: SystemInterfaces): readonly NetworkInterface[] {
	const found = Object.entries(all).flatMap(([name, infos = []]) => {
		if (VIRTUAL.test(name)) return [];
		const usable = infos.filter((info) => !info.internal && isIPv4(info.address));
		const handedOut = usable.filter((info) => !LINK_LOCAL.test(info.address));
		return (handedOut.length > 0 ? handedOut : usable).flatMap(({ address, netmask }) => {
			const broadcast = broadcastOf(address, netmask);
			return broadcast === null ? [] : [{ name, address, netmask, broadcast }];
		});
	});
	const isLast = ({ address }: NetworkInterface): number => Number(LINK_LOCAL.test(address));
	return found.sort((one, other) => isLast(one) - isLast(other)).slice(0, MOST_INTERFACES);
}

/** An interface as one text: another text means that all its sockets are out of date. */
export function interfaceKey({ name, address, netmask }: NetworkInterface): string {
	return `${name} ${address}/${netmask}`;
}

/** Tells whether a host belongs to the interface's subnet. Names do not: nobody knows what is behind them. */
export function isOnLink({ address, netmask }: NetworkInterface, other: string): boolean {
	if (!isIPv4(other)) return false;
	const mask = BigInt(ipv4Number(netmask));
	return (BigInt(ipv4Number(address)) & mask) === (BigInt(ipv4Number(other)) & mask);
}

/** Null for networks of one or two machines, as tunnels have them. */
function broadcastOf(address: string, netmask: string): string | null {
	const mask = BigInt(ipv4Number(netmask));
	const hosts = BigInt(ALL_BITS) ^ mask;
	if (hosts < 3n) return null;
	const all = BigInt(ipv4Number(address)) | hosts;
	return [24n, 16n, 8n, 0n].map((shift) => String((all >> shift) & 255n)).join(".");
}
