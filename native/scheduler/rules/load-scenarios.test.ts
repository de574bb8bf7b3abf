/** What others' use of GPUs, processor and memory comes to, as a table like that of `scenarios.test.ts`. */
import { expect, test } from "vitest";
import { outcomeOf, type Row } from "./scenario-testing.ts";

const blender = { others: 6.1, busy: 3, processes: [["Blender", 6.1, 3]] } as const;

const gpuMemory: readonly Row[] = [
	[
		"a program with more than half of the GPU's memory stops work",
		{ gpus: [blender] },
		"yield",
		"waiting: Blender uses 6.1 GB of GPU memory",
	],
	["half of it exactly does not", { gpus: [{ others: 6 }] }, "run", "may run"],
	[
		"our own memory is not that of others",
		{ gpus: [{ used: 11, ours: 9.5, others: 1.5, processes: [["nightshift", 9.5, 98]] }] },
		"run",
		"may run",
	],
	[
		"we are not named for others' memory",
		{
			gpus: [
				{
					others: 5,
					processes: [
						["nightshift", 6, 90],
						["Blender", 5, 0],
					],
				},
			],
			limits: { othersGpuMemoryPercent: 30 },
		},
		"yield",
		"waiting: Blender uses 5 GB of GPU memory",
	],
	[
		"ignoring us takes nothing from others",
		{
			gpus: [
				{
					others: 5,
					processes: [
						["nightshift", 6, 90],
						["Blender", 5, 0],
					],
				},
			],
			limits: { othersGpuMemoryPercent: 30, ignore: ["nightshift"] },
		},
		"yield",
		"waiting: Blender uses 5 GB of GPU memory",
	],
	[
		"several small ones are told together",
		{
			gpus: [
				{
					others: 7,
					processes: [
						["Blender", 3, 0],
						["krita", 2, 0],
						["firefox", 2, 0],
					],
				},
			],
		},
		"yield",
		"waiting: Blender and others use 7 GB of GPU memory",
	],
	[
		"a program without a name is another program",
		{ gpus: [{ others: 8, processes: [[null, 8, 0]] }] },
		"yield",
		"waiting: another program uses 8 GB of GPU memory",
	],
	[
		"where nobody can be seen it is another program",
		{ gpus: [{ others: 8, processes: null }] },
		"yield",
		"waiting: another program uses 8 GB of GPU memory",
	],
	["an ignored program may have all of it", { gpus: [blender], limits: { ignore: ["blender.exe"] } }, "run", "may run"],
	[
		"beside an ignored program others still count",
		{
			gpus: [
				{
					others: 11,
					processes: [
						["Blender", 3, 0],
						["ollama", 8, 0],
					],
				},
			],
			limits: { ignore: ["blender"] },
		},
		"yield",
		"waiting: ollama uses 8 GB of GPU memory",
	],
	[
		"without a limit others may have all of it",
		{ gpus: [blender], limits: { othersGpuMemoryPercent: null } },
		"run",
		"may run",
	],
	["with --no-gpu nobody cares for the GPU's memory", { gpus: [blender], usesGpu: false }, "run", "may run"],
	["others' memory that can't be told stops nothing", { gpus: [{ used: 12, others: null }] }, "run", "may run"],
	["a total that can't be told stops nothing", { gpus: [{ total: null, others: 6 }] }, "run", "may run"],
	["the little memory of an integrated GPU is always full", { gpus: [{ total: 0.5, others: 0.48 }] }, "run", "may run"],
	[
		"of several GPUs the fullest is named",
		{ gpus: [{ others: 7 }, { ...blender, name: "RTX 3060", total: 8 }] },
		"yield",
		"waiting: Blender uses 6.1 GB of the memory of RTX 3060",
	],
	[
		"what is left is too little since a program grew",
		{ gpus: [{ used: 11.9, others: 3, atLoad: 1, processes: [["krita", 3, 0]] }] },
		"yield",
		"waiting: krita uses 3 GB of GPU memory, which leaves 102 MB free",
	],
	[
		"what is left is too little, but only because of us",
		{ gpus: [{ used: 11.9, others: 1.1, atLoad: 1 }] },
		"run",
		"may run",
	],
	["what is left is too little, and nothing of ours is there", { gpus: [{ used: 11.9, others: 5 }] }, "run", "may run"],
	[
		"what has to stay free is a setting",
		{ gpus: [{ used: 11.9, others: 3, atLoad: 1 }], limits: { leastFreeGpuMegabytes: null } },
		"run",
		"may run",
	],
];

const load: readonly Row[] = [
	[
		"a busy GPU keeps work from starting at once",
		{ gpus: [{ busy: 45, processes: [["Blender", 1, 45]] }] },
		"yield",
		"waiting: Blender uses 45 % of the GPU",
	],
	["a GPU busy for a moment does not stop running work", [{}, { gpus: [{ busy: 45 }], for: 2 }], "run", "may run"],
	[
		"a GPU busy for four seconds does",
		[{}, { gpus: [{ busy: 45 }], for: 4 }],
		"yield",
		"waiting: another program uses 45 % of the GPU",
	],
	[
		"two moments with a pause between are not four seconds",
		[{}, { gpus: [{ busy: 45 }], for: 2 }, {}, { gpus: [{ busy: 45 }], for: 2 }],
		"run",
		"may run",
	],
	[
		"what others may use of the GPU is a setting",
		{ gpus: [{ busy: 45 }], limits: { othersGpuPercent: 50 } },
		"run",
		"may run",
	],
	[
		"once stopped, work waits for clearly less",
		[{}, { gpus: [{ busy: 45 }], for: 6 }, { gpus: [{ busy: 17 }] }],
		"yield",
		"waiting: another program uses 17 % of the GPU",
	],
	["a little use does not stop running work", [{}, { gpus: [{ busy: 17 }], for: 60 }], "run", "may run"],
	["use of the GPU that can't be told stops nothing", { gpus: [{ busy: null }] }, "run", "may run"],
	[
		"an ignored program may keep the GPU busy",
		{ gpus: [{ busy: 45, processes: [["obs64", 1, 44]] }], limits: { ignore: ["OBS64.exe"] } },
		"run",
		"may run",
	],
	["with --no-gpu nobody cares how busy it is", { gpus: [{ busy: 99 }], usesGpu: false }, "run", "may run"],
	[
		"of several GPUs the busy one is named",
		{ gpus: [{ busy: 5 }, { name: "Arc A750", busy: 60 }] },
		"yield",
		"waiting: another program uses 60 % of Arc A750",
	],
	[
		"a busy processor stops a model that runs on it",
		{ cpu: 63, isOnProcessor: true },
		"yield",
		"waiting: other programs use 63 % of the processor",
	],
	["a busy processor does not stop a model on the GPU", { cpu: 100 }, "run", "may run"],
	["a processor whose use can't be told stops nothing", { cpu: null, isOnProcessor: true }, "run", "may run"],
	[
		"without a limit others may use all of the processor",
		{ cpu: 100, isOnProcessor: true, limits: { othersCpuPercent: null } },
		"run",
		"may run",
	],
	["memory that runs out stops work at once", [{}, { memory: 2.5 }], "yield", "waiting: only 410 MB of memory is left"],
	["a little more than the least is enough", { memory: 4.5 }, "run", "may run"],
	[
		"but not once it had run out",
		[{}, { memory: 2.5 }, { memory: 4.5 }],
		"yield",
		"waiting: only 737 MB of memory is left",
	],
];

for (const [sentence, given, rung, reason] of [...gpuMemory, ...load]) {
	test(sentence, () => {
		expect(outcomeOf(given)).toEqual({ rung, reason });
	});
}
