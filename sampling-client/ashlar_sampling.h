#ifndef ASHLAR_SAMPLING_H
#define ASHLAR_SAMPLING_H

/* Light client of Ashlar, for C: can all of an object still be had? What the verdicts mean and what
 * they assume: docs/guarantees.md.
 *
 * Threads: one handle may be used by several threads at once, each with its own verdict. Callbacks
 * are called from several threads of the library's own, at most `parallel` of them at a time, and
 * never after ashlar_sample() has returned.
 *
 * Ownership: the caller owns all memory it passes in, which is read or written during the call
 * alone; the one thing to give back is the handle. No exception and no signal leaves the library.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a function returns. */
enum ashlar_status
{
    ASHLAR_OK = 0,
    ASHLAR_INVALID_INPUT = 1, /* Arguments or a committee that cannot be used. */
    ASHLAR_UNKNOWN_OBJECT = 2 /* Every member answered, and none knows the root. */
};

enum ashlar_verdict_kind
{
    ASHLAR_AVAILABLE = 0,   /* All of it can be had, except with probability `error`. */
    ASHLAR_UNAVAILABLE = 1, /* It cannot, except with probability `error`. */
    ASHLAR_UNCONFIRMED = 2, /* Neither could be said; the reason says why. */
    ASHLAR_INVALID = 3      /* The publisher's commitments are no codeword. */
};

/* What a callback returns. */
enum ashlar_answer
{
    ASHLAR_ANSWERED = 0,
    ASHLAR_NOT_FOUND = 1, /* The node answered that it does not have it. */
    ASHLAR_NO_ANSWER = 2
};

/* Greatest answers, in bytes: the capacities that callbacks are given. */
#define ASHLAR_HEADER_BYTES 512
#define ASHLAR_FOLD_RECORD_BYTES_MAX 3296
#define ASHLAR_WALK_BYTES_MAX 6784
#define ASHLAR_CELL_BYTES 2048
#define ASHLAR_PROOF_BYTES 48

/* Where answers come from, if not over gRPC. `member` counts from 0 in the committee's order. A
 * callback writes at most `capacity` bytes to `out` and their number to `*size`. Answers need not
 * be true: they are checked. Each callback needs a deadline of its own. */
typedef struct ashlar_callbacks
{
    void* context; /* Passed to every callback. */
    int (*header)(void* context, uint16_t member, const uint8_t root[32], uint8_t* out,
        size_t capacity, size_t* size);
    int (*fold_record)(void* context, uint16_t member, const uint8_t root[32], uint8_t* out,
        size_t capacity, size_t* size);
    int (*walk)(void* context, uint16_t member, const uint8_t root[32], uint64_t position,
        uint8_t* out, size_t capacity, size_t* size);
    /* Both of their exact size. */
    int (*cell)(void* context, uint16_t member, const uint8_t root[32], uint64_t stored,
        uint64_t cell_index, uint8_t cell[ASHLAR_CELL_BYTES], uint8_t proof[ASHLAR_PROOF_BYTES]);
} ashlar_callbacks;

typedef struct ashlar_options
{
    double error;             /* Probability of a wrong verdict; 0 for 1e-9. */
    uint32_t deadline_ms;     /* 0 for 60,000. */
    uint32_t parallel;        /* Questions at once, at most 256; 0 for 16. */
    const char* evidence_dir; /* Where false answers are kept; NULL for nowhere. */
} ashlar_options;

typedef struct ashlar_verdict
{
    int32_t kind;            /* enum ashlar_verdict_kind */
    double error_achieved;   /* Least error at which the draws say so; 1 if nothing was drawn. */
    uint64_t walks;          /* Positions drawn, ... */
    uint64_t walk_failures;  /* ... those whose walk nobody gave, ... */
    uint64_t samples;        /* ... those that are stored, ... */
    uint64_t failures;       /* ... and of them those without a true answer. */
    uint64_t bytes_received; /* Without framing. */
    char reason[512];        /* One sentence, UTF-8, cut if it must be, ends with 0. */
} ashlar_verdict;

typedef struct ashlar_sampler ashlar_sampler;

/* A handle for the members of a committee file (docs/formats/committee.md), reached over gRPC or,
 * if `callbacks` is not NULL, through them; their context must outlive the handle.
 *
 * On failure *out is NULL, and `message` (NULL or `message_size` bytes) says why. */
int ashlar_sampler_open(const char* committee_json, size_t committee_size,
    const ashlar_callbacks* callbacks, ashlar_sampler** out, char* message, size_t message_size);

/* Samples until there is a verdict. `options` may be NULL. Draws come from the system's randomness.
 * *verdict is written if ASHLAR_OK is returned; `message` as above. */
int ashlar_sample(const ashlar_sampler* sampler, const uint8_t root[32],
    const ashlar_options* options, ashlar_verdict* verdict, char* message, size_t message_size);

/* NULL is fine. No call on the handle may be in progress. */
void ashlar_sampler_close(ashlar_sampler* sampler);

#ifdef __cplusplus
}
#endif

#endif
