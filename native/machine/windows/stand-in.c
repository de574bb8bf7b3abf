/*
 * Stands in for Windows' libraries in tests: the same names and 64-bit layouts, from learn.microsoft.com, written with C's own
 * types. What it answers is in stand_in[]; the numbers of its places are those of `State` in testing.ts.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>

typedef int BOOL;
typedef uint32_t DWORD;
typedef void *HANDLE;
typedef char16_t WCHAR;

static int64_t stand_in[64];
void stand_in_set(int index, int64_t value) { stand_in[index] = value; }
int64_t stand_in_get(int index) { return stand_in[index]; }
void stand_in_clear(void) { memset(stand_in, 0, sizeof stand_in); }

enum {
	SESSION, TICKS, LAST_INPUT, NO_INPUT, NOTIFICATION, NOTIFICATION_STATUS, WINDOW_PID, SESSION_STATE, SESSION_FLAGS,
	CONSOLE, CONSOLE_STATE, CONSOLE_FLAGS, AC_LINE, BATTERY_FLAG, BATTERY_PERCENT, POWER_FAILS, IDLE_TIME, KERNEL_TIME,
	USER_TIME, OWN_KERNEL, OWN_USER, OWN_MEMORY, TOTAL_MEMORY, FREE_MEMORY, COLLECTIONS, MORE_DATA_TIMES, COLLECT_STATUS,
	NO_COUNTERS, ADAPTER_OPEN, TEMPERATURE, EXECUTION_STATE, STATE_FAILS, TIMER_DUE, TIMER_RESUME, TIMER_CANT_WAKE,
	TIMERS_OPEN, HANDLES_OPEN, BLOCKS_OPEN, LAST_ERROR, SNAPSHOTS, TIMER_FAILS, PROCESS_NAMES_ASKED,
};

/* kernel32: memory, errors */
void *LocalAlloc(uint32_t flags, size_t size) {
	if (flags != 0x40) return NULL;
	stand_in[BLOCKS_OPEN]++;
	return calloc(1, size);
}
void *LocalFree(void *block) { stand_in[BLOCKS_OPEN]--; free(block); return NULL; }
void RtlMoveMemory(void *to, const void *from, size_t size) { memmove(to, from, size); }
DWORD GetLastError(void) { return (DWORD)stand_in[LAST_ERROR]; }
void SetLastError(DWORD error) { stand_in[LAST_ERROR] = error; }

/* kernel32: processes */
HANDLE OpenProcess(DWORD access, BOOL inherit, DWORD pid) {
	if ((access != 0x1000 && access != 0x1010) || inherit || pid < 100 || pid > 200) return NULL;
	stand_in[HANDLES_OPEN]++;
	return (HANDLE)(uintptr_t)(0xAB00000000ull + pid);
}
BOOL CloseHandle(HANDLE handle) {
	if (handle == (HANDLE)0x7AAA) stand_in[TIMERS_OPEN]--;
	else stand_in[HANDLES_OPEN]--;
	return 1;
}
static int copy_text(WCHAR *to, DWORD room, const WCHAR *text) {
	DWORD length = 0;
	while (text[length]) length++;
	if (length + 1 > room) return -1;
	memcpy(to, text, (length + 1) * sizeof(WCHAR));
	return (int)length;
}
BOOL QueryFullProcessImageNameW(HANDLE process, DWORD flags, WCHAR *name, DWORD *size) {
	stand_in[PROCESS_NAMES_ASKED]++;
	DWORD pid = (DWORD)((uintptr_t)process - 0xAB00000000ull);
	const WCHAR *path = pid == 100 ? u"C:\\Program Files\\Blender Foundation\\Blender.EXE"
		: pid == 101 ? u"C:\\Spiele\\Größe\\großes Spiel.exe" : u"C:\\Windows\\System32\\dwm.exe";
	int length = flags == 0 ? copy_text(name, *size, path) : -1;
	if (length < 0) return 0;
	*size = (DWORD)length;
	return 1;
}
BOOL ProcessIdToSessionId(DWORD pid, DWORD *session) { *session = (DWORD)stand_in[SESSION]; return pid != 0; }
DWORD WTSGetActiveConsoleSessionId(void) { return (DWORD)stand_in[CONSOLE]; }
DWORD GetTickCount(void) { return (DWORD)stand_in[TICKS]; }

/* kernel32: power, memory, times */
typedef struct { uint8_t line, flag, percent, system; DWORD life, full; } SYSTEM_POWER_STATUS;
BOOL GetSystemPowerStatus(SYSTEM_POWER_STATUS *status) {
	status->line = (uint8_t)stand_in[AC_LINE];
	status->flag = (uint8_t)stand_in[BATTERY_FLAG];
	status->percent = (uint8_t)stand_in[BATTERY_PERCENT];
	return !stand_in[POWER_FAILS];
}
typedef struct { DWORD length, load; uint64_t total, available, rest[5]; } MEMORYSTATUSEX;
BOOL GlobalMemoryStatusEx(MEMORYSTATUSEX *status) {
	if (status->length != sizeof *status) return 0;
	status->total = (uint64_t)stand_in[TOTAL_MEMORY];
	status->available = (uint64_t)stand_in[FREE_MEMORY];
	return 1;
}
typedef struct { DWORD low, high; } FILETIME;
static FILETIME ticks(int64_t milliseconds) {
	uint64_t all = (uint64_t)milliseconds * 10000;
	return (FILETIME){(DWORD)all, (DWORD)(all >> 32)};
}
BOOL GetSystemTimes(FILETIME *idle, FILETIME *kernel, FILETIME *user) {
	*idle = ticks(stand_in[IDLE_TIME]);
	*kernel = ticks(stand_in[KERNEL_TIME]);
	*user = ticks(stand_in[USER_TIME]);
	return 1;
}
BOOL GetProcessTimes(HANDLE process, FILETIME *creation, FILETIME *exit, FILETIME *kernel, FILETIME *user) {
	*creation = ticks(12345678);
	*exit = ticks(0);
	*kernel = ticks(stand_in[OWN_KERNEL]);
	*user = ticks(stand_in[OWN_USER]);
	return process != NULL;
}
typedef struct { DWORD size, faults; size_t peak, set, rest[6]; } PROCESS_MEMORY_COUNTERS;
BOOL K32GetProcessMemoryInfo(HANDLE process, PROCESS_MEMORY_COUNTERS *counters, DWORD size) {
	if (size != sizeof *counters || process == NULL) return 0;
	counters->set = (size_t)stand_in[OWN_MEMORY];
	return 1;
}

/* kernel32: programs */
typedef struct {
	DWORD size, usage, pid;
	uintptr_t heap;
	DWORD module, threads, parent;
	int32_t priority;
	DWORD flags;
	WCHAR name[260];
} PROCESSENTRY32W;
static int position;
HANDLE CreateToolhelp32Snapshot(DWORD flags, DWORD pid) {
	if (flags != 2 || pid != 0) return (HANDLE)-1;
	stand_in[HANDLES_OPEN]++;
	stand_in[SNAPSHOTS]++;
	position = 0;
	return (HANDLE)0x5A5A;
}
static const WCHAR *programs[] = {u"System", u"Blender.exe", u"STEAM.EXE", u"Blender.exe"};
BOOL Process32NextW(HANDLE snapshot, PROCESSENTRY32W *entry) {
	if (snapshot != (HANDLE)0x5A5A || entry->size != sizeof *entry || position >= 4) return 0;
	memset(entry->name, 0, sizeof entry->name);
	copy_text(entry->name, 260, programs[position++]);
	return 1;
}
BOOL Process32FirstW(HANDLE snapshot, PROCESSENTRY32W *entry) { return Process32NextW(snapshot, entry); }

/* kernel32: awake */
DWORD SetThreadExecutionState(DWORD flags) {
	if (stand_in[STATE_FAILS]) return 0;
	stand_in[EXECUTION_STATE] = flags;
	return 0x80000000u;
}
HANDLE CreateWaitableTimerExW(void *attributes, const WCHAR *name, DWORD flags, DWORD access) {
	if (attributes != NULL || name != NULL || flags != 0 || access != 0x1F0003) return NULL;
	stand_in[TIMERS_OPEN]++;
	return (HANDLE)0x7AAA;
}
BOOL SetWaitableTimer(HANDLE timer, const int64_t *due, int32_t period, void *routine, void *argument, BOOL resume) {
	if (timer != (HANDLE)0x7AAA || period != 0 || routine != NULL || argument != NULL || stand_in[TIMER_FAILS]) {
		stand_in[LAST_ERROR] = 87;
		return 0;
	}
	stand_in[TIMER_DUE] = *due;
	stand_in[TIMER_RESUME] = resume;
	if (stand_in[TIMER_CANT_WAKE]) stand_in[LAST_ERROR] = 50;
	return 1;
}
BOOL CancelWaitableTimer(HANDLE timer) { stand_in[TIMER_DUE] = 0; return timer == (HANDLE)0x7AAA; }

/* user32, shell32 */
typedef struct { uint32_t size; DWORD time; } LASTINPUTINFO;
BOOL GetLastInputInfo(LASTINPUTINFO *info) {
	if (info->size != sizeof *info || stand_in[NO_INPUT]) return 0;
	info->time = (DWORD)stand_in[LAST_INPUT];
	return 1;
}
HANDLE GetForegroundWindow(void) { return stand_in[WINDOW_PID] ? (HANDLE)0x10010 : NULL; }
DWORD GetWindowThreadProcessId(HANDLE window, DWORD *pid) {
	*pid = (DWORD)stand_in[WINDOW_PID];
	return window == (HANDLE)0x10010 ? 77 : 0;
}
int32_t SHQueryUserNotificationState(int32_t *state) {
	*state = (int32_t)stand_in[NOTIFICATION];
	return (int32_t)stand_in[NOTIFICATION_STATUS];
}

/* wtsapi32 */
typedef struct {
	DWORD level;
	union {
		struct {
			uint32_t session;
			int32_t state, flags;
			WCHAR station[33], user[21], domain[18];
			int64_t logon, connect, disconnect, input, current;
			DWORD counts[6];
		} level1;
	} data;
} WTSINFOEXW;
BOOL WTSQuerySessionInformationW(HANDLE server, DWORD session, int what, void **buffer, DWORD *size) {
	if (server != NULL || what != 25) return 0;
	int is_console = session == (DWORD)stand_in[CONSOLE] && session != (DWORD)stand_in[SESSION];
	WTSINFOEXW *info = calloc(1, sizeof *info);
	stand_in[BLOCKS_OPEN]++;
	info->level = 1;
	info->data.level1.session = session;
	info->data.level1.state = (int32_t)stand_in[is_console ? CONSOLE_STATE : SESSION_STATE];
	info->data.level1.flags = (int32_t)stand_in[is_console ? CONSOLE_FLAGS : SESSION_FLAGS];
	*buffer = info;
	*size = sizeof *info;
	return 1;
}
void WTSFreeMemory(void *memory) { stand_in[BLOCKS_OPEN]--; free(memory); }

/* pdh: NVIDIA is luid 0xD1CE, an Intel one 0xBEEF, the software one 0x5050 */
typedef struct { WCHAR *name; struct { DWORD status; union { double number; int64_t large; } as; } value; } PDH_ITEM;
typedef struct { const WCHAR *name; double value; DWORD status; } SAMPLE;
#define NVIDIA u"luid_0x00000000_0x0000D1CE_phys_0"
#define INTEL u"luid_0x00000001_0x0000BEEF_phys_0"
static const SAMPLE engines[] = {
	{u"pid_100_" NVIDIA u"_eng_0_engtype_3D", 60, 0},
	{u"pid_101_" NVIDIA u"_eng_0_engtype_3D", 50, 1},
	{u"pid_100_" NVIDIA u"_eng_7_engtype_Compute_0", 70, 0},
	{u"pid_102_" NVIDIA u"_eng_3_engtype_VideoDecode", 0, 0},
	{u"pid_102_" INTEL u"_eng_0_engtype_3D", 12.5, 0},
	{u"pid_103_" NVIDIA u"_eng_0_engtype_3D", 99, 0xC0000BBAu},
};
static const SAMPLE process_memory[] = {
	{u"pid_100_" NVIDIA, 6.5e9, 0}, {u"pid_101_" NVIDIA, 1e9, 0}, {u"pid_102_" INTEL, 3e7, 0}, {u"pid_102_" NVIDIA, 0, 0},
};
static const SAMPLE adapter_memory[] = {
	{NVIDIA, 8e9, 0}, {INTEL, 4e7, 0}, {u"luid_0x00000000_0x00005050_phys_0", 0, 0},
};
uint32_t PdhOpenQueryW(const WCHAR *source, uintptr_t user, HANDLE *query) {
	*query = (HANDLE)0x9001;
	stand_in[HANDLES_OPEN]++;
	return source == NULL && user == 0 ? 0 : 0xC0000BBDu;
}
static int same(const WCHAR *left, const WCHAR *right) {
	while (*left && *left == *right) left++, right++;
	return *left == *right;
}
uint32_t PdhAddEnglishCounterW(HANDLE query, const WCHAR *path, uintptr_t user, HANDLE *counter) {
	if (stand_in[NO_COUNTERS]) return 0xC0000BB8u;
	*counter = same(path, u"\\GPU Engine(*)\\Utilization Percentage") ? (HANDLE)1
		: same(path, u"\\GPU Process Memory(*)\\Dedicated Usage") ? (HANDLE)2
		: same(path, u"\\GPU Adapter Memory(*)\\Dedicated Usage") ? (HANDLE)3 : NULL;
	return *counter != NULL && query == (HANDLE)0x9001 && user == 0 ? 0 : 0xC0000BB9u;
}
uint32_t PdhCollectQueryData(HANDLE query) {
	stand_in[COLLECTIONS]++;
	return query == (HANDLE)0x9001 ? (uint32_t)stand_in[COLLECT_STATUS] : 0xC0000BBCu;
}
uint32_t PdhGetFormattedCounterArrayW(HANDLE counter, DWORD format, DWORD *size, DWORD *count, PDH_ITEM *items) {
	const SAMPLE *samples = counter == (HANDLE)1 ? engines : counter == (HANDLE)2 ? process_memory : adapter_memory;
	DWORD length = counter == (HANDLE)1 ? 6 : counter == (HANDLE)2 ? 4 : 3;
	if (format != (counter == (HANDLE)1 ? 0x8200 : 0x200)) return 0xC0000BBDu;
	if (counter == (HANDLE)1 && stand_in[COLLECTIONS] < 2) return 0xC0000BC6u;
	size_t needed = length * sizeof *items;
	for (DWORD i = 0; i < length; i++) for (const WCHAR *c = samples[i].name;; c++) { needed += sizeof *c; if (!*c) break; }
	if (*size < needed || items == NULL || stand_in[MORE_DATA_TIMES] > 0) {
		if (items != NULL) stand_in[MORE_DATA_TIMES]--;
		*size = (DWORD)needed;
		return 0x800007D2u;
	}
	WCHAR *text = (WCHAR *)(items + length);
	for (DWORD i = 0; i < length; i++) {
		items[i].name = text;
		items[i].value.status = samples[i].status;
		items[i].value.as.number = samples[i].value;
		text += copy_text(text, 100, samples[i].name) + 1;
	}
	*count = length;
	return 0;
}
uint32_t PdhCloseQuery(HANDLE query) { stand_in[HANDLES_OPEN]--; return query == (HANDLE)0x9001 ? 0 : 0xC0000BBCu; }

/* gdi32 */
typedef struct { struct { DWORD low; int32_t high; } luid; uint32_t adapter; } OPENADAPTERFROMLUID;
typedef struct { uint32_t adapter; int type; void *data; uint32_t size; } QUERYADAPTERINFO;
int32_t D3DKMTOpenAdapterFromLuid(OPENADAPTERFROMLUID *open) {
	if (open->luid.low == 0xD1CE && open->luid.high == 0) open->adapter = 11;
	else if (open->luid.low == 0xBEEF && open->luid.high == 1) open->adapter = 12;
	else if (open->luid.low == 0x5050) open->adapter = 13;
	else return (int32_t)0xC000000Du;
	stand_in[ADAPTER_OPEN]++;
	return 0;
}
int32_t D3DKMTCloseAdapter(const uint32_t *adapter) {
	if (*adapter < 11 || *adapter > 13) return (int32_t)0xC000000Du;
	stand_in[ADAPTER_OPEN]--;
	return 0;
}
typedef struct {
	uint32_t index;
	uint64_t frequency, most, over, bandwidth, bus;
	uint32_t fan, power, temperature;
	uint8_t override;
} PERFDATA;
int32_t D3DKMTQueryAdapterInfo(const QUERYADAPTERINFO *query) {
	int is_nvidia = query->adapter == 11;
	uint32_t *words = query->data;
	if (query->type == 3 && query->size == 24) {
		*(uint64_t *)query->data = is_nvidia ? 25757220864ull : 134217728ull;
	} else if (query->type == 6 && query->size == 12) {
		if (query->adapter == 13) words[0] = words[1] = words[2] = UINT32_MAX;
		else words[0] = is_nvidia ? 0x2B : 0, words[1] = is_nvidia ? 0 : 2, words[2] = 0;
	} else if (query->type == 8 && query->size == 4 * 260 * 2) {
		copy_text(query->data, 260, is_nvidia ? u"NVIDIA GeForce RTX 4090" : query->adapter == 12
			? u"Intel(R) UHD Graphics 770" : u"Microsoft Basic Render Driver");
	} else if (query->type == 15 && query->size == 4) {
		words[0] = query->adapter == 13 ? 5 : 3;
	} else if (query->type == 31 && query->size == 28) {
		words[1] = is_nvidia ? 0x10DE : query->adapter == 12 ? 0x8086 : 0x1414;
	} else if (query->type == 62 && query->size == sizeof(PERFDATA) && query->adapter == 12) {
		((PERFDATA *)query->data)->temperature = (uint32_t)stand_in[TEMPERATURE];
	} else {
		return (int32_t)0xC000000Du;
	}
	return 0;
}
