/* How a C program asks whether an object can be had. Compiled as C. */

#include "tests/sampling-client/c_example.h"

#include <stdio.h>

int ashlar_c_example(const char* committee_json, size_t committee_size,
    const ashlar_callbacks* callbacks, const uint8_t root[32], char* text, size_t text_size)
{
    ashlar_sampler* sampler = NULL;
    char message[256];
    if (ashlar_sampler_open(committee_json, committee_size, callbacks, &sampler, message,
            sizeof(message)) != ASHLAR_OK)
    {
        snprintf(text, text_size, "no sampler: %s", message);
        return -1;
    }

    const ashlar_options options = {.error = 1e-6, .deadline_ms = 30000};
    ashlar_verdict verdict;
    const int status = ashlar_sample(sampler, root, &options, &verdict, message, sizeof(message));
    ashlar_sampler_close(sampler);
    if (status != ASHLAR_OK)
    {
        snprintf(text, text_size, "no verdict: %s", message);
        return -1;
    }
    snprintf(text, text_size, "%s (error %.2g, %llu walks, %llu samples)", verdict.reason,
        verdict.error_achieved, (unsigned long long)verdict.walks,
        (unsigned long long)verdict.samples);
    return verdict.kind;
}
