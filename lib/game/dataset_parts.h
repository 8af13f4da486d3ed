/* dataset_parts.h - the inside of a dataset, for the files that make it up. */
#ifndef PVI_DATASET_PARTS_H
#define PVI_DATASET_PARTS_H

#include "game/dataset.h"
#include "model/tokenizer_map.h"

struct pvi_dataset {
    atomic_size_t references;
    pvi_env *env;
    pvi_dataset *source; /* holds the texts of a part; NULL: they are in `texts` */
    pvi_item *items;
    char **texts; /* one block an item; NULL in a part */
    size_t count, item_capacity, text_capacity;
    pvi_byte_map ids; /* entry i is item i's; its value is the last number put behind this id */
    bool frozen;
};

#endif
