/**
 * Small networks of Linux network namespaces, for tests that put whole machines behind real cables: real multicast, real
 * routes, links that break. Owns the namespaces, links and processes it makes, and those that a killed run of it left behind.
 * Must never be imported by the product, nor touch a namespace that it did not name.
 *
 * Each network is a namespace of its own that holds one bridge per node on it, and a cable (a veth pair) between every two of
 * these bridges. The ends of those cables are isolated bridge ports: what arrives from one leaves to the node only, so there
 * are no loops. Thus any pair of nodes can be cut apart while both still reach all the others, which one shared bridge
 * can't do without packet filters, and kernels of build machines often have none.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

/** Which networks there are, and which of them each node is on. Names: `[a-z][a-z0-9]{0,7}`. */
export interface NetworkPlan {
	readonly networks: readonly string[];
	readonly nodes: { readonly [node: string]: readonly string[] };
}

/** How a process in a node is started. */
export interface NodeProcessOptions {
	readonly env?: NodeJS.ProcessEnv;
	readonly cwd?: string;
}

/** Networks and nodes that exist until disposed; all processes started in them are killed then. */
export interface NetworkWorld extends AsyncDisposable {
	/** Starts this Node with these arguments in a node; its stdio is piped. Kill it by the handle. */
	spawn(node: string, args: readonly string[], options?: NodeProcessOptions): ChildProcess;
	/** The IPv4 address of a node on a network: `10.<network>.0.<node>`, counted from 1, unless changed since. */
	addressOf(node: string, network: string): string;
	/** Switches a node's own interface, which is called as the network is. Going down takes its routes; coming up brings the subnet's. */
	setLink(node: string, network: string, state: "up" | "down"): Promise<void>;
	/** Takes the adapter out of the node, as one that is unplugged: interface and address are gone. */
	unplug(node: string, network: string): Promise<void>;
	/** Puts an adapter in again: a new one of the old name, with this address or the one it had. */
	plug(node: string, network: string, address?: string): Promise<void>;
	/** Gives a node another address on a network, as a new lease would: the old one is gone. */
	readdress(node: string, network: string, address: string, prefixLength?: number): Promise<void>;
	/** Takes all routes of one network from a node; its interface stays up. */
	dropRoutes(node: string, network: string): Promise<void>;
	/** Adds a route: `type` as `ip route` has it, `unicast` over a network or one that refuses, as `prohibit` or `unreachable`. */
	addRoute(
		node: string,
		destination: string,
		type: "prohibit" | "unreachable" | { readonly network: string },
	): Promise<void>;
	/** Cuts two nodes apart on a network, silently: both keep their links and reach all others. */
	cut(network: string, one: string, other: string): Promise<void>;
	/** As `cut`, but only what `from` sends to `to` is lost. */
	cutOneWay(network: string, from: string, to: string): Promise<void>;
	/** Lets no multicast through between the nodes of a network any more, as some Wi-Fi stations do; broadcasts go on. */
	swallowMulticast(network: string): Promise<void>;
	/** Mends what the two cuts did. */
	heal(network: string, one: string, other: string): Promise<void>;
}

const execute = promisify(execFile);
/** `nsh<process id of the test>n<count>-<rest>`. */
const OURS = /^nsh(\d+)n\d+-/;
const NAME = /^[a-z][a-z0-9]{0,7}$/;
/** Orders to `ip` take milliseconds; one that hangs is a fault of the machine. */
const ORDER_MS = 20_000;

let worlds = 0;

/** Why this computer can't make such networks; null: it can. Asked once a test file, for `describe.skipIf`. */
export function whyNoNetworks(): string | null {
	if (process.platform !== "linux") return "network namespaces are Linux's";
	if (process.getuid?.() !== 0) return "making network namespaces needs root";
	const name = `nsh${process.pid}n0-probe`;
	const attempts = [
		["ip", "netns", "add", name],
		["ip", "-n", name, "link", "add", "b0", "type", "bridge"],
		["ip", "-n", name, "link", "add", "p0", "type", "veth", "peer", "name", "p1"],
		["ip", "-n", name, "link", "set", "p0", "master", "b0"],
		["bridge", "-n", name, "link", "set", "dev", "p0", "isolated", "on"],
	] as const;
	try {
		for (const [program, ...args] of attempts) {
			const tried = spawnSync(program, args, { encoding: "utf8" });
			if (tried.status !== 0)
				return `"${program} ${args.join(" ")}" does not work here: ${tried.stderr || tried.error}`;
		}
		return null;
	} finally {
		spawnSync("ip", ["netns", "del", name]);
	}
}

/** Makes the networks and nodes of a plan, all links up. */
export async function createNetwork(plan: NetworkPlan): Promise<NetworkWorld> {
	checkNames(plan);
	await sweep();
	worlds += 1;
	const wiring = new Wiring(`nsh${process.pid}n${worlds}`, plan);
	try {
		await wiring.build();
	} catch (error) {
		await wiring[Symbol.asyncDispose]();
		throw error;
	}
	return wiring;
}

class Wiring implements NetworkWorld {
	readonly #prefix: string;
	readonly #plan: NetworkPlan;
	readonly #nodes: readonly string[];
	readonly #addresses = new Map<string, string>();
	readonly #children = new Set<ChildProcess>();
	readonly #namespaces: string[] = [];

	constructor(prefix: string, plan: NetworkPlan) {
		this.#prefix = prefix;
		this.#plan = plan;
		this.#nodes = Object.keys(plan.nodes);
	}

	async build(): Promise<void> {
		for (const node of this.#nodes) {
			await this.#addNamespace(this.#node(node));
			await ip(this.#node(node), ["link set lo up"]);
		}
		for (const [at, network] of this.#plan.networks.entries()) {
			await this.#addNamespace(this.#switch(network));
			const members = this.#membersOf(network);
			await ip(
				this.#switch(network),
				members.flatMap((node) => [
					`link add b${this.#number(node)} type bridge mcast_snooping 0`,
					`link set b${this.#number(node)} up`,
				]),
			);
			for (const [index, node] of members.entries()) {
				for (const other of members.slice(index + 1)) await this.#join(network, node, other);
				await this.plug(node, network, `10.${at + 1}.0.${this.#number(node)}`);
			}
		}
	}

	spawn(node: string, args: readonly string[], options: NodeProcessOptions = {}): ChildProcess {
		// `ip` becomes the program it starts, so the handle's process is the node's own.
		const command = ["netns", "exec", this.#node(node), process.execPath, ...args];
		const child = spawn("ip", command, {
			cwd: options.cwd,
			env: options.env ?? process.env,
			stdio: ["pipe", "pipe", "pipe"],
		});
		this.#children.add(child);
		return child;
	}

	addressOf(node: string, network: string): string {
		const address = this.#addresses.get(`${node} ${network}`);
		if (address === undefined) throw new Error(`${node} is not on ${network}.`);
		return address;
	}

	setLink(node: string, network: string, state: "up" | "down"): Promise<void> {
		return ip(this.#node(node), [`link set ${network} ${state}`]);
	}

	unplug(node: string, network: string): Promise<void> {
		return ip(this.#node(node), [`link del ${network}`]);
	}

	async plug(node: string, network: string, address = this.addressOf(node, network)): Promise<void> {
		const port = `p${this.#number(node)}`;
		await ip(null, [
			`link add ${network} netns ${this.#node(node)} type veth peer name ${port} netns ${this.#switch(network)}`,
		]);
		await ip(this.#switch(network), [`link set ${port} master b${this.#number(node)}`, `link set ${port} up`]);
		await ip(this.#node(node), [`addr add ${address}/24 brd + dev ${network}`, `link set ${network} up`]);
		this.#addresses.set(`${node} ${network}`, address);
	}

	async readdress(node: string, network: string, address: string, prefixLength = 24): Promise<void> {
		await ip(this.#node(node), [
			`addr flush dev ${network}`,
			`addr add ${address}/${prefixLength} brd + dev ${network}`,
		]);
		this.#addresses.set(`${node} ${network}`, address);
	}

	dropRoutes(node: string, network: string): Promise<void> {
		return ip(this.#node(node), [
			`route flush dev ${network}`,
			`route flush table local dev ${network} type broadcast`,
		]);
	}

	addRoute(node: string, destination: string, type: Parameters<NetworkWorld["addRoute"]>[2]): Promise<void> {
		const order =
			typeof type === "string" ? `route add ${type} ${destination}` : `route add ${destination} dev ${type.network}`;
		return ip(this.#node(node), [order]);
	}

	cut(network: string, one: string, other: string): Promise<void> {
		return ip(this.#switch(network), [`link set ${this.#trunk(one, other)} down`]);
	}

	cutOneWay(network: string, from: string, to: string): Promise<void> {
		return this.#setForwarding(network, from, to, "off");
	}

	async swallowMulticast(network: string): Promise<void> {
		const members = this.#membersOf(network);
		for (const one of members) {
			for (const other of members.filter((node) => node !== one)) {
				await this.#setPort(network, this.#trunk(one, other), ["mcast_flood", "off"]);
			}
		}
	}

	async heal(network: string, one: string, other: string): Promise<void> {
		await ip(this.#switch(network), [`link set ${this.#trunk(one, other)} up`]);
		await this.#setForwarding(network, one, other, "on");
		await this.#setForwarding(network, other, one, "on");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const running = [...this.#children].filter((child) => child.exitCode === null && child.signalCode === null);
		await Promise.all(
			running.map(async (child) => {
				if (child.pid === undefined) return;
				const isGone = once(child, "exit");
				child.kill("SIGKILL");
				await isGone;
			}),
		);
		for (const name of this.#namespaces) await execute("ip", ["netns", "del", name], { timeout: ORDER_MS });
	}

	/** Without flooding, and with nothing learned, a port is never chosen as the way out. */
	async #setForwarding(network: string, from: string, to: string, state: "on" | "off"): Promise<void> {
		const port = this.#trunk(from, to);
		const flags = ["flood", "mcast_flood", "bcast_flood", "learning"].flatMap((flag) => [flag, state]);
		await this.#setPort(network, port, flags);
		if (state === "off") await ip(this.#switch(network), [`link set ${port} type bridge_slave fdb_flush`]);
	}

	async #setPort(network: string, port: string, flags: readonly string[]): Promise<void> {
		const order = ["-n", this.#switch(network), "link", "set", "dev", port, ...flags];
		await execute("bridge", order, { timeout: ORDER_MS });
	}

	async #join(network: string, one: string, other: string): Promise<void> {
		const [here, there] = [this.#trunk(one, other), this.#trunk(other, one)];
		const space = this.#switch(network);
		await ip(space, [
			`link add ${here} type veth peer name ${there}`,
			`link set ${here} master b${this.#number(one)}`,
			`link set ${there} master b${this.#number(other)}`,
		]);
		for (const port of [here, there]) {
			await this.#setPort(network, port, ["isolated", "on"]);
		}
		await ip(space, [`link set ${here} up`, `link set ${there} up`]);
	}

	async #addNamespace(name: string): Promise<void> {
		await execute("ip", ["netns", "add", name], { timeout: ORDER_MS });
		this.#namespaces.push(name);
	}

	#membersOf(network: string): readonly string[] {
		return this.#nodes.filter((node) => this.#plan.nodes[node]?.includes(network));
	}

	#number(node: string): number {
		return this.#nodes.indexOf(node) + 1;
	}

	#node(node: string): string {
		if (!this.#nodes.includes(node)) throw new Error(`There is no node ${node}.`);
		return `${this.#prefix}-${node}`;
	}

	#switch(network: string): string {
		return `${this.#prefix}-switch-${network}`;
	}

	/** The port of `one`'s bridge that leads to `other`. */
	#trunk(one: string, other: string): string {
		return `t${this.#number(one)}to${this.#number(other)}`;
	}
}

/** Gives `ip` several orders at once, inside a namespace or (null) outside all. */
async function ip(namespace: string | null, orders: readonly string[]): Promise<void> {
	const running = execute("ip", [...(namespace === null ? [] : ["-n", namespace]), "-batch", "-"], {
		timeout: ORDER_MS,
	});
	running.child.stdin?.end(`${orders.join("\n")}\n`);
	await running;
}

function checkNames({ networks, nodes }: NetworkPlan): void {
	for (const name of [...networks, ...Object.keys(nodes)]) {
		if (!NAME.test(name)) throw new Error(`"${name}" is no name for a network or a node.`);
	}
	for (const network of Object.values(nodes).flat()) {
		if (!networks.includes(network)) throw new Error(`There is no network ${network}.`);
	}
}

/** Ends what runs that were killed left behind: namespaces of ours whose test is no more, and what still runs in them. */
async function sweep(): Promise<void> {
	const { stdout } = await execute("ip", ["netns", "list"], { timeout: ORDER_MS });
	for (const line of stdout.split("\n")) {
		const [name = ""] = line.split(" ");
		const owner = OURS.exec(name)?.[1];
		if (owner === undefined || isRunning(Number(owner))) continue;
		// Another test file may be sweeping too: whoever comes second finds nothing left.
		const inside = await execute("ip", ["netns", "pids", name], { timeout: ORDER_MS }).catch(() => ({ stdout: "" }));
		for (const processId of inside.stdout.split("\n").filter((text) => text !== "")) endProcess(Number(processId));
		await execute("ip", ["netns", "del", name], { timeout: ORDER_MS }).catch(() => undefined);
	}
}

function isRunning(processId: number): boolean {
	try {
		process.kill(processId, 0);
		return true;
	} catch {
		return false;
	}
}

function endProcess(processId: number): void {
	try {
		process.kill(processId, "SIGKILL");
	} catch {
		// It ended by itself meanwhile.
	}
}
