/*
 * Stands in for macOS' libraries in tests: the same names and 64-bit layouts, from Apple's headers, written with C's own types.
 * What it answers is in stand_in[]; the numbers of its places are those of `STATE` in testing.ts. Objects of Core Foundation are
 * counted, so that tests see what is not released.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int64_t stand_in[64];
void stand_in_set(int index, int64_t value) { stand_in[index] = value; }
int64_t stand_in_get(int index) { return stand_in[index]; }
void stand_in_clear(void) { memset(stand_in, 0, sizeof stand_in); }

enum {
	NO_SESSION, IDLE_MS, IS_LOCKED, OFF_SCREEN, NO_DISPLAY_SLEEP, ASSERTION_STATUS, SUPPLY, CAPACITY, MOST_CAPACITY,
	NO_BATTERY, HEAT, NO_HEAT, NOTIFY_OPEN, IS_INTEL, BUSY, USED, VRAM_USED, WIRED_LIMIT_MB, MEMORY, PRESSURE, FREE_PAGES,
	WIRED_PAGES, INTERNAL_PAGES, PURGEABLE_PAGES, COMPRESSED_PAGES, TICKS_USER, TICKS_SYSTEM, TICKS_IDLE, TICKS_NICE,
	OWN_USER, OWN_SYSTEM, OWN_RESIDENT, OWN_FOOTPRINT, LISTS, OBJECTS, ENTRIES, HOST_RIGHTS, NO_GPU, BLENDER_NS, OURS_NS, WALKS,
};

/* CoreFoundation */
enum kind { STRING = 7, NUMBER = 22, BOOLEAN = 21, DATA = 20, DICTIONARY = 18, ARRAY = 19 };
typedef struct object {
	enum kind kind;
	int count, length;
	char text[64];
	double number;
	const char *keys[8];
	struct object *values[8];
} object;
static object *make(enum kind kind) {
	object *made = calloc(1, sizeof *made);
	made->kind = kind;
	made->count = 1;
	stand_in[OBJECTS]++;
	return made;
}
static object *string(const char *text) { object *made = make(STRING); strcpy(made->text, text); return made; }
static object *number(double value) { object *made = make(NUMBER); made->number = value; return made; }
static object *boolean(int value) { object *made = make(BOOLEAN); made->number = value; return made; }
static void put(object *into, const char *key, object *value) {
	into->keys[into->length] = key;
	into->values[into->length++] = value;
}
void CFRelease(object *cf) {
	if (--cf->count > 0) return;
	for (int i = 0; i < cf->length; i++) CFRelease(cf->values[i]);
	stand_in[OBJECTS]--;
	free(cf);
}
unsigned long CFGetTypeID(object *cf) { return cf->kind; }
unsigned long CFStringGetTypeID(void) { return STRING; }
unsigned long CFNumberGetTypeID(void) { return NUMBER; }
unsigned long CFBooleanGetTypeID(void) { return BOOLEAN; }
unsigned long CFDataGetTypeID(void) { return DATA; }
unsigned long CFDictionaryGetTypeID(void) { return DICTIONARY; }
unsigned long CFArrayGetTypeID(void) { return ARRAY; }
object *CFStringCreateWithCString(void *alloc, const char *text, uint32_t encoding) {
	return alloc == NULL && encoding == 0x08000100 ? string(text) : NULL;
}
unsigned char CFStringGetCString(object *cf, char *buffer, long size, uint32_t encoding) {
	if (encoding != 0x08000100 || (long)strlen(cf->text) >= size) return 0;
	strcpy(buffer, cf->text);
	return 1;
}
unsigned char CFNumberGetValue(object *cf, long type, void *value) {
	if (type != 13) return 0;
	memcpy(value, &cf->number, sizeof cf->number);
	return 1;
}
unsigned char CFBooleanGetValue(object *cf) { return cf->number != 0; }
long CFDataGetLength(object *cf) { return (long)strlen(cf->text) + 1; }
const uint8_t *CFDataGetBytePtr(object *cf) { return (const uint8_t *)cf->text; }
object *CFDictionaryGetValue(object *cf, object *key) {
	for (int i = 0; i < cf->length; i++) if (strcmp(cf->keys[i], key->text) == 0) return cf->values[i];
	return NULL;
}
long CFArrayGetCount(object *cf) { return cf->length; }
object *CFArrayGetValueAtIndex(object *cf, long index) { return cf->values[index]; }

/* CoreGraphics, and the assertions of IOKit */
double CGEventSourceSecondsSinceLastEventType(int32_t state, uint32_t type) {
	return state == 1 && type == UINT32_MAX ? stand_in[IDLE_MS] / 1000.0 : -1;
}
object *CGSessionCopyCurrentDictionary(void) {
	if (stand_in[NO_SESSION]) return NULL;
	object *session = make(DICTIONARY);
	put(session, "kCGSSessionOnConsoleKey", boolean(!stand_in[OFF_SCREEN]));
	if (stand_in[IS_LOCKED]) put(session, "CGSSessionScreenIsLocked", stand_in[IS_LOCKED] == 1 ? boolean(1) : number(1));
	return session;
}
int IOPMCopyAssertionsStatus(object **status) {
	*status = make(DICTIONARY);
	put(*status, "PreventUserIdleSystemSleep", number(1));
	put(*status, "PreventUserIdleDisplaySleep", number(0));
	put(*status, "NoDisplaySleepAssertion", number((double)stand_in[NO_DISPLAY_SLEEP]));
	if (stand_in[ASSERTION_STATUS]) CFRelease(*status);
	return (int)stand_in[ASSERTION_STATUS];
}

/* power */
object *IOPSCopyPowerSourcesInfo(void) {
	object *info = make(DICTIONARY);
	object *battery = make(DICTIONARY), *ups = make(DICTIONARY);
	const char *supplies[] = {"AC Power", "Battery Power", "UPS Power", "Hamster"};
	put(battery, "Type", string("InternalBattery"));
	put(battery, "Current Capacity", number((double)stand_in[CAPACITY]));
	put(battery, "Max Capacity", number((double)stand_in[MOST_CAPACITY]));
	put(ups, "Type", string("UPS"));
	put(ups, "Current Capacity", number(99));
	put(ups, "Max Capacity", number(100));
	put(info, "supply", string(supplies[stand_in[SUPPLY]]));
	put(info, "ups", ups);
	put(info, "battery", battery);
	return info;
}
object *IOPSCopyPowerSourcesList(object *info) {
	object *list = make(ARRAY);
	for (int i = 1; i < (stand_in[NO_BATTERY] ? 2 : 3); i++) {
		info->values[i]->count++;
		put(list, "", info->values[i]);
	}
	return list;
}
object *IOPSGetPowerSourceDescription(object *info, object *source) { return info != NULL ? source : NULL; }
object *IOPSGetProvidingPowerSourceType(object *info) { return info->values[0]; }
uint32_t notify_register_check(const char *name, int *token) {
	if (stand_in[NO_HEAT] || strcmp(name, "com.apple.system.thermalpressurelevel") != 0) return 1;
	stand_in[NOTIFY_OPEN]++;
	*token = 12;
	return 0;
}
uint32_t notify_get_state(int token, uint64_t *state) { *state = (uint64_t)stand_in[HEAT]; return token == 12 ? 0 : 1; }
uint32_t notify_cancel(int token) { stand_in[NOTIFY_OPEN]--; return token == 12 ? 0 : 1; }

/* I/O Registry: one iterator, 50, and the one GPU, 51, with clients 61 to 64 by iterator 60 */
static int is_listed, client;
object *IOServiceMatching(const char *name) {
	object *matching = make(DICTIONARY);
	put(matching, "IOProviderClass", string(name));
	return matching;
}
int IOServiceGetMatchingServices(uint32_t port, object *matching, uint32_t *iterator) {
	int is_right = port == 0 && strcmp(matching->values[0]->text, "IOAccelerator") == 0;
	CFRelease(matching);
	if (!is_right) return 0x2C2;
	*iterator = 50;
	is_listed = (int)stand_in[NO_GPU];
	stand_in[ENTRIES]++;
	return 0;
}
uint32_t IOIteratorNext(uint32_t iterator) {
	if (iterator == 60 ? client == 4 : iterator != 50 || is_listed++) return 0;
	stand_in[ENTRIES]++;
	return iterator == 60 ? 61 + client++ : 51;
}
int IOObjectRelease(uint32_t entry) { stand_in[ENTRIES]--; return entry >= 50 && entry <= 64 ? 0 : 1; }
int IORegistryEntryGetChildIterator(uint32_t entry, const char *plane, uint32_t *iterator) {
	if (entry != 51 || strcmp(plane, "IOService") != 0) return 1;
	*iterator = 60;
	client = 0;
	stand_in[ENTRIES]++;
	stand_in[WALKS]++;
	return 0;
}
int IORegistryEntryGetRegistryEntryID(uint32_t entry, uint64_t *id) { *id = 0x1000003A5ull; return entry == 51 ? 0 : 1; }
/* Two clients of Blender, one of ours, one that tells nothing. */
static object *client_property(uint32_t entry, const char *key) {
	if (entry == 64) return NULL;
	if (strcmp(key, "IOUserClientCreator") == 0) return string(entry == 63 ? "pid 4242, node" : "pid 100, Blender");
	if (strcmp(key, "AppUsage") != 0) return NULL;
	object *usage = make(ARRAY), *metal = make(DICTIONARY);
	put(metal, "API", string("Metal"));
	put(metal, "accumulatedGPUTime", number((double)stand_in[entry == 63 ? OURS_NS : BLENDER_NS]));
	put(usage, "", metal);
	return usage;
}
object *IORegistryEntryCreateCFProperty(uint32_t entry, object *key, void *allocator, uint32_t options) {
	if (entry > 60 && allocator == NULL && options == 0) return client_property(entry, key->text);
	if (entry != 51 || allocator != NULL || options != 0 || strcmp(key->text, "PerformanceStatistics") != 0) return NULL;
	object *statistics = make(DICTIONARY);
	if (stand_in[BUSY] >= 0) put(statistics, "Device Utilization %", number((double)stand_in[BUSY]));
	put(statistics, "In use system memory", number((double)stand_in[USED]));
	put(statistics, "Alloc system memory", number((double)stand_in[USED] * 2));
	if (stand_in[IS_INTEL]) put(statistics, "vramUsedBytes", number((double)stand_in[VRAM_USED]));
	return statistics;
}
object *IORegistryEntrySearchCFProperty(uint32_t entry, const char *plane, object *key, void *allocator, uint32_t options) {
	if (entry != 51 || strcmp(plane, "IOService") != 0 || allocator != NULL || options != 3) return NULL;
	if (strcmp(key->text, "VRAM,totalMB") == 0) return stand_in[IS_INTEL] ? number(8176) : NULL;
	if (strcmp(key->text, "model") != 0) return NULL;
	object *model = string(stand_in[IS_INTEL] ? "AMD Radeon Pro 5500M" : "Apple M3 Max");
	if (stand_in[IS_INTEL]) model->kind = DATA;
	return model;
}

/* kernel */
static int answer(void *to, size_t *size, int64_t value, size_t bytes) {
	if (*size < bytes) return -1;
	memcpy(to, &value, bytes);
	*size = bytes;
	return 0;
}
int sysctlbyname(const char *name, void *old, size_t *size, void *new, size_t new_size) {
	if (new != NULL || new_size != 0) return -1;
	if (strcmp(name, "hw.memsize") == 0) return answer(old, size, stand_in[MEMORY], 8);
	if (strcmp(name, "hw.pagesize") == 0) return answer(old, size, 16384, 8);
	if (strcmp(name, "kern.memorystatus_vm_pressure_level") == 0) return answer(old, size, stand_in[PRESSURE], 4);
	if (strcmp(name, "iogpu.wired_limit_mb") == 0) return answer(old, size, stand_in[WIRED_LIMIT_MB], 4);
	return -1;
}
uint32_t mach_host_self(void) { stand_in[HOST_RIGHTS]++; return 0x503; }
int host_statistics(uint32_t host, int flavor, uint32_t *out, uint32_t *count) {
	if (host != 0x503 || flavor != 3 || *count != 4) return 4;
	for (int i = 0; i < 4; i++) out[i] = (uint32_t)stand_in[TICKS_USER + i];
	return 0;
}
typedef struct {
	uint32_t free, active, inactive, wired;
	uint64_t faults[9];
	uint32_t purgeable, speculative;
	uint64_t compressions[4];
	uint32_t compressed, throttled, external, internal;
	uint64_t uncompressed;
} vm_statistics64;
int host_statistics64(uint32_t host, int flavor, vm_statistics64 *out, uint32_t *count) {
	if (host != 0x503 || flavor != 4 || *count * 4 != sizeof *out) return 4;
	out->free = (uint32_t)stand_in[FREE_PAGES];
	out->wired = (uint32_t)stand_in[WIRED_PAGES];
	out->internal = (uint32_t)stand_in[INTERNAL_PAGES];
	out->purgeable = (uint32_t)stand_in[PURGEABLE_PAGES];
	out->compressed = (uint32_t)stand_in[COMPRESSED_PAGES];
	return 0;
}
int mach_timebase_info(uint32_t *info) { info[0] = 125; info[1] = 3; return 0; }
typedef struct {
	uint8_t uuid[16];
	uint64_t user, system, wakeups, interrupts, pageins, wired, resident, footprint, started, ended;
} rusage_info_v0;
int proc_pid_rusage(int pid, int flavor, rusage_info_v0 *usage) {
	if (flavor != 0 || pid < 100 || pid > 200) return -1;
	usage->user = (uint64_t)stand_in[OWN_USER];
	usage->system = (uint64_t)stand_in[OWN_SYSTEM];
	usage->resident = (uint64_t)stand_in[OWN_RESIDENT];
	usage->footprint = (uint64_t)stand_in[OWN_FOOTPRINT];
	return 0;
}
int proc_listallpids(int32_t *pids, int size) {
	const int32_t all[] = {0, 1, 100, 101, 102};
	if (size < (int)sizeof all) return -1;
	memcpy(pids, all, sizeof all);
	stand_in[LISTS]++;
	return 5;
}
int proc_pidpath(int pid, char *path, uint32_t size) {
	if (size != 4096 || pid < 100) return 0;
	strcpy(path, pid == 102 ? "/usr/libexec/x" : "/Applications/Blender.app/Contents/MacOS/Blender");
	return (int)strlen(path);
}
int proc_name(int pid, char *name, uint32_t size) {
	if (pid != 1 || size < 33) return 0;
	strcpy(name, "launchd");
	return 7;
}
