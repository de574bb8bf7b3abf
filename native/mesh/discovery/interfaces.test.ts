import { expect, test } from "vitest";
import { isOnLink, type SystemInterfaces, usableInterfaces } from "./interfaces.ts";
import { describeTrouble } from "./trouble.ts";

function ipv4(address: string, netmask = "255.255.255.0", internal = false) {
	return { address, netmask, family: "IPv4" as const, mac: "02:00:00:00:00:01", internal, cidr: null };
}
const ipv6 = {
	address: "fe80::1",
	netmask: "ffff:ffff:ffff:ffff::",
	family: "IPv6" as const,
	mac: "02:00:00:00:00:01",
	internal: false,
	cidr: null,
	scopeid: 2,
};

test("real networks are looked at, those inside the computer and tunnels are not", () => {
	const all: SystemInterfaces = {
		lo: [ipv4("127.0.0.1", "255.0.0.0", true)],
		eth0: [ipv4("192.168.1.5"), ipv6],
		docker0: [ipv4("172.17.0.1", "255.255.0.0")],
		"br-0123456789ab": [ipv4("172.18.0.1", "255.255.0.0")],
		"vEthernet (WSL (Hyper-V firewall))": [ipv4("172.20.0.1")],
		// Carries the computer's own address where Hyper-V has an external switch.
		"vEthernet (Office)": [ipv4("10.0.0.5")],
		utun4: [ipv4("100.64.0.1")],
		tailscale0: [ipv4("100.64.0.2", "255.255.255.255")],
		empty: undefined,
	};
	expect(usableInterfaces(all).map(({ name, broadcast }) => [name, broadcast])).toEqual([
		["eth0", "192.168.1.255"],
		["vEthernet (Office)", "10.0.0.255"],
	]);
});

test("an address nobody handed out is used last, and only where there is no other", () => {
	const all: SystemInterfaces = {
		cable: [ipv4("169.254.7.7", "255.255.0.0")],
		wifi: [ipv4("169.254.9.9", "255.255.0.0"), ipv4("10.0.0.5", "255.255.254.0")],
	};
	expect(usableInterfaces(all).map(({ address, broadcast }) => [address, broadcast])).toEqual([
		["10.0.0.5", "10.0.1.255"],
		["169.254.7.7", "169.254.255.255"],
	]);
});

test("there are never more sockets than a real computer needs", () => {
	const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`eth${at}`, [ipv4(`10.0.${at}.1`)]]));
	expect(usableInterfaces(many)).toHaveLength(8);
});

test("a host is near when it is of the subnet", () => {
	const [link = expect.fail()] = usableInterfaces({ eth0: [ipv4("192.168.1.5", "255.255.255.128")] });
	expect(["192.168.1.127", "192.168.1.128", "pc.local", "fe80::1"].map((host) => isOnLink(link, host))).toEqual([
		true,
		false,
		false,
		false,
	]);
});

test("words name what to do where the system's own setting is in the way", () => {
	expect(describeTrouble("multicast", "en0", "EHOSTUNREACH", "darwin").message).toContain("Local Network");
	expect(describeTrouble("multicast", "eth0", "EHOSTUNREACH", "linux").message).toContain("tried again");
	expect(describeTrouble("beacon", "Ethernet", "EACCES", "win32").message).toContain("firewall");
	expect(describeTrouble("beacon-port", null, "EADDRINUSE", "linux").message).toContain("another program");
	expect(describeTrouble("multicast", null, "ENETUNREACH", "linux").message).toBe(
		"The network takes nothing at the moment (ENETUNREACH). It is tried again by itself.",
	);
});
