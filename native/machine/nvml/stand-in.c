/*
 * Plays NVIDIA's management library from a scenario: the file named by NIGHTSHIFT_NVML_SCENARIO, read anew at each call, so that it
 * may change while a service looks. Never part of the product. Structures and prototypes as in nvml.h.
 *
 * A line each; what is left out is 0. Lines about a GPU belong to the last `gpu`.
 *   driver <version>
 *   gpu <total bytes> <used bytes> <busy percent> <milliwatts> <celsius> [name without spaces]
 *   reserved <bytes>                              what the driver keeps for itself, beside `used`
 *   process <pid> <bytes, or - for unknown> <busy percent> compute|graphics|both
 *   sample <pid> <busy percent> <microseconds>    handed out at every look, however old
 *   clock <microseconds>                          what samples of `process` lines are stamped with; else the wall clock
 *   fail <function, or *> <code>
 *   hang <function> [milliseconds]                without: until the line is gone
 *   grow <times>                                  lists have grown again, so many times in a row, when they are read
 *   lost <index> <code>                           that GPU answers nothing but this
 *
 * Compile with -D<function>=<another name> for a driver that lacks it, with -DPROCESS_SIZE=16 or 32 for other entries of processes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef PROCESS_SIZE
#define PROCESS_SIZE 24
#endif
#define MOST_GPUS 4
#define MOST_PROCESSES 128

typedef unsigned long long bytes_t;
typedef void *nvmlDevice_t;
typedef struct { unsigned int pid; bytes_t used; unsigned int busy; int computes, draws; } process_t;
typedef struct { unsigned int pid; bytes_t at; unsigned int sm, mem, enc, dec; } sample_t;
typedef struct {
	bytes_t total, used, reserved;
	unsigned int busy, milliwatts, celsius;
	int lost, processes, samples;
	char name[64];
	process_t process[MOST_PROCESSES];
	sample_t sample[MOST_PROCESSES];
} gpu_t;
typedef struct {
	char driver[64];
	int gpus, fails, grow;
	long hangs;
	bytes_t clock;
	gpu_t gpu[MOST_GPUS];
} scenario_t;

static int begun;
static int grown;

/* Reads the scenario, as far as it concerns one function. */
static void read_scenario(scenario_t *scene, const char *function) {
	char line[256], word[64], kind[16], used[32];
	memset(scene, 0, sizeof *scene);
	strcpy(scene->driver, "550.90.07");
	const char *path = getenv("NIGHTSHIFT_NVML_SCENARIO");
	FILE *file = path == NULL ? NULL : fopen(path, "r");
	if (file == NULL) return;
	while (fgets(line, sizeof line, file) != NULL) {
		gpu_t *gpu = scene->gpus > 0 ? &scene->gpu[scene->gpus - 1] : NULL;
		process_t *process = gpu != NULL && gpu->processes < MOST_PROCESSES ? &gpu->process[gpu->processes] : NULL;
		sample_t *sample = gpu != NULL && gpu->samples < MOST_PROCESSES ? &gpu->sample[gpu->samples] : NULL;
		int index, code;
		long milliseconds = -1;
		if (sscanf(line, "driver %63s", scene->driver) == 1) continue;
		if (sscanf(line, "clock %llu", &scene->clock) == 1) continue;
		if (sscanf(line, "grow %d", &scene->grow) == 1) continue;
		if (sscanf(line, "fail %63s %d", word, &code) == 2) {
			if (strcmp(word, "*") == 0 || strcmp(word, function) == 0) scene->fails = code;
		} else if (sscanf(line, "hang %63s %ld", word, &milliseconds) >= 1) {
			if (strcmp(word, function) == 0) scene->hangs = milliseconds;
		} else if (sscanf(line, "lost %d %d", &index, &code) == 2) {
			if (index >= 0 && index < MOST_GPUS) scene->gpu[index].lost = code;
		} else if (strncmp(line, "gpu ", 4) == 0 && scene->gpus < MOST_GPUS) {
			gpu = &scene->gpu[scene->gpus++];
			strcpy(gpu->name, "Stand-in");
			sscanf(line, "gpu %llu %llu %u %u %u %63s", &gpu->total, &gpu->used, &gpu->busy, &gpu->milliwatts, &gpu->celsius, gpu->name);
		} else if (gpu != NULL && sscanf(line, "reserved %llu", &gpu->reserved) == 1) {
			continue;
		} else if (process != NULL && sscanf(line, "process %u %31s %u %15s", &process->pid, used, &process->busy, kind) == 4) {
			process->used = strcmp(used, "-") == 0 ? (bytes_t)-1 : strtoull(used, NULL, 10);
			process->computes = strcmp(kind, "graphics") != 0;
			process->draws = strcmp(kind, "compute") != 0;
			gpu->processes++;
		} else if (sample != NULL && sscanf(line, "sample %u %u %llu", &sample->pid, &sample->sm, &sample->at) == 3) {
			gpu->samples++;
		}
	}
	fclose(file);
}

static void sleep_ms(long milliseconds) {
	struct timespec span = { milliseconds / 1000, milliseconds % 1000 * 1000000L };
	nanosleep(&span, NULL);
}

/* Begins every function: hangs, fails, or goes on with 0. */
static int enter(scenario_t *scene, const char *function) {
	read_scenario(scene, function);
	if (scene->hangs > 0) sleep_ms(scene->hangs);
	while (scene->hangs < 0) {
		sleep_ms(5);
		read_scenario(scene, function);
	}
	if (scene->fails != 0) return scene->fails;
	return begun > 0 || strcmp(function, "nvmlInit_v2") == 0 ? 0 : 1;
}

#define ENTER() \
	scenario_t scene; \
	int code = enter(&scene, __func__); \
	if (code != 0) return code;
#define ENTER_GPU() \
	ENTER() \
	size_t index = (size_t)device - 1; \
	if (index >= (size_t)scene.gpus) return 2; \
	gpu_t *gpu = &scene.gpu[index]; \
	if (gpu->lost != 0) return gpu->lost;

int nvmlInit_v2(void) { ENTER() begun++; return 0; }
/* Never fails, or a broken driver would seem begun for the rest of a test. */
int nvmlShutdown(void) { return begun == 0 ? 1 : (begun--, 0); }

const char *nvmlErrorString(int result) { return result == 999 ? "Unknown Error" : "Stand-in Error"; }

int nvmlSystemGetDriverVersion(char *version, unsigned int length) {
	ENTER()
	snprintf(version, length, "%s", scene.driver);
	return 0;
}

int nvmlDeviceGetCount_v2(unsigned int *count) { ENTER() *count = scene.gpus; return 0; }

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
	ENTER()
	if (index >= (unsigned int)scene.gpus) return 2;
	if (scene.gpu[index].lost != 0) return scene.gpu[index].lost;
	*device = (nvmlDevice_t)(size_t)(index + 1);
	return 0;
}

int nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length) {
	ENTER_GPU()
	snprintf(uuid, length, "GPU-00000000-0000-0000-0000-%012zu", index);
	return 0;
}

int nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length) {
	ENTER_GPU()
	snprintf(name, length, "%s", gpu->name);
	return 0;
}

typedef struct { char legacy[16]; unsigned int domain, bus, device, id, subsystem; char busId[32]; } pci_t;

int nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, pci_t *pci) {
	ENTER_GPU()
	memset(pci, 0, sizeof *pci);
	pci->bus = 0x0a + index;
	snprintf(pci->busId, sizeof pci->busId, "00000000:%02X:00.0", pci->bus);
	return 0;
}

typedef struct { bytes_t total, free, used; } memory_t;
typedef struct { unsigned int version; bytes_t total, reserved, free, used; } memory_v2_t;

int nvmlDeviceGetMemoryInfo(nvmlDevice_t device, memory_t *memory) {
	ENTER_GPU()
	memory->total = gpu->total;
	memory->used = gpu->used + gpu->reserved;
	memory->free = gpu->total - memory->used;
	return 0;
}

int nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, memory_v2_t *memory) {
	ENTER_GPU()
	if (memory->version != (sizeof *memory | 2 << 24)) return 25;
	memory->total = gpu->total;
	memory->reserved = gpu->reserved;
	memory->used = gpu->used;
	memory->free = gpu->total - gpu->used - gpu->reserved;
	return 0;
}

int nvmlDeviceGetUtilizationRates(nvmlDevice_t device, unsigned int *rates) {
	ENTER_GPU()
	rates[0] = rates[1] = gpu->busy;
	return 0;
}

int nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *power) { ENTER_GPU() *power = gpu->milliwatts; return 0; }
int nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int *limit) { ENTER_GPU() *limit = 450000; return 0; }

int nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor, unsigned int *temperature) {
	ENTER_GPU()
	*temperature = gpu->celsius;
	return sensor == 0 ? 0 : 2;
}

int nvmlDeviceGetClockInfo(nvmlDevice_t device, int type, unsigned int *clock) {
	ENTER_GPU()
	*clock = gpu->busy > 0 ? 2520 : 210;
	return type == 0 ? 0 : 2;
}

/* Whether a list still grows; then with how many entries. */
static int grows(const scenario_t *scene, unsigned int *count) {
	if (scene->grow == 0) grown = 0;
	if (grown >= scene->grow) return 0;
	grown++;
	*count += 1;
	return 1;
}

static int list(const scenario_t *scene, const gpu_t *gpu, int draws, unsigned int *count, unsigned char *infos) {
	unsigned int room = *count, there = 0;
	if (grows(scene, count)) return 7;
	for (int i = 0; i < gpu->processes; i++) {
		const process_t *process = &gpu->process[i];
		if (!(draws ? process->draws : process->computes)) continue;
		if (there < room) {
			unsigned char *entry = infos + there * PROCESS_SIZE;
			unsigned int none[2] = { 0xffffffff, 0xffffffff };
			bytes_t secret = 0;
			memcpy(entry, &process->pid, 4);
			memcpy(entry + 8, &process->used, 8);
			if (PROCESS_SIZE > 16) memcpy(entry + 16, none, 8);
			if (PROCESS_SIZE > 24) memcpy(entry + 24, &secret, 8);
		}
		there++;
	}
	*count = there;
	return there > room ? 7 : 0;
}

#define LIST(name, draws) \
	int name(nvmlDevice_t device, unsigned int *count, unsigned char *infos) { \
		ENTER_GPU() \
		return list(&scene, gpu, draws, count, infos); \
	}
LIST(nvmlDeviceGetComputeRunningProcesses_v3, 0)
LIST(nvmlDeviceGetComputeRunningProcesses_v2, 0)
LIST(nvmlDeviceGetComputeRunningProcesses, 0)
LIST(nvmlDeviceGetGraphicsRunningProcesses_v3, 1)
LIST(nvmlDeviceGetGraphicsRunningProcesses_v2, 1)
LIST(nvmlDeviceGetGraphicsRunningProcesses, 1)

int nvmlDeviceGetProcessUtilization(nvmlDevice_t device, sample_t *samples, unsigned int *count, bytes_t since) {
	ENTER_GPU()
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	bytes_t at = scene.clock != 0 ? scene.clock : now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
	unsigned int there = 0, room = *count;
	for (int i = 0; i < gpu->samples; i++, there++) {
		if (there < room) samples[there] = gpu->sample[i];
	}
	for (int i = 0; i < gpu->processes && at > since; i++) {
		if (gpu->process[i].busy == 0) continue;
		if (there < room) samples[there] = (sample_t){ gpu->process[i].pid, at, gpu->process[i].busy, 0, 0, 0 };
		there++;
	}
	*count = there;
	return there > room ? 7 : there == 0 ? 6 : 0;
}
