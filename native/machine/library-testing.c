/* Functions for library.test.ts. Never part of the product. */
#include <stdatomic.h>
#include <string.h>
#include <time.h>

static atomic_int is_released;

int add(int one, int other) { return one + other; }
const char *greeting(void) { return "good night"; }
unsigned long long largest(void) { return ~0ULL; }
void *same(void *pointer) { return pointer; }
void release(void) { is_released = 1; }

/* Writes into memory only once `release` was called. */
int fill_late(unsigned char *bytes, unsigned int size) {
	struct timespec moment = { 0, 1000000 };
	while (!is_released) nanosleep(&moment, NULL);
	memset(bytes, 7, size);
	is_released = 0;
	return (int)size;
}
