/* safetensors.h - the inside of an opened safetensors file; private to model/. */
#ifndef PVI_SAFETENSORS_H
#define PVI_SAFETENSORS_H

#include "model/model_file.h"

#define PVI_SAFETENSORS_HEADER 100000000 /* bytes; the format's own limit */

typedef struct pvi_entry {
    const char *name, *dtype;
    uint64_t begin, end; /* bytes, counted from the end of the header */
    uint64_t count;      /* elements */
    size_t rank;
    int64_t size[2]; /* the first two; 0 where there is none */
    bool read;       /* by pvi_arrays_read */
} pvi_entry;

/* Sorted by name. */
size_t pvi_arrays_count(const pvi_arrays *arrays);
const pvi_entry *pvi_arrays_at(const pvi_arrays *arrays, size_t index);
const pvi_entry *pvi_arrays_entry(const pvi_arrays *arrays, const char *name); /* NULL when absent */

/* Bits of one element; 0 for a type that does not exist. */
unsigned pvi_dtype_bits(const char *dtype);
/* Can pvi_arrays_read turn it into F32? */
bool pvi_dtype_is_float(const char *dtype);

#endif
