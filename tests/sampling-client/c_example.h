#ifndef ASHLAR_TESTS_C_EXAMPLE_H
#define ASHLAR_TESTS_C_EXAMPLE_H

#include "sampling-client/ashlar_sampling.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Samples through callbacks and prints what came of it to `text`. Returns the kind of the verdict,
 * or -1 if there is none. */
int ashlar_c_example(const char* committee_json, size_t committee_size,
    const ashlar_callbacks* callbacks, const uint8_t root[32], char* text, size_t text_size);

#ifdef __cplusplus
}
#endif

#endif
