/* separate.h - can two groups of texts be told apart by how they are written? A small discriminator, as Kirchner et al. 2024
 * (appendix C) use to see whether the roles separate by style.
 *
 * Logistic regression on runs of one, two and three words (words.h), hashed into 4096 features: log(1 + count), scaled to
 * length 1, and a constant. It minimises the mean logistic loss plus |w|^2 / (2 n). Five-fold cross-validation, texts of one
 * group (a problem) in one fold: every text is scored by a discriminator that saw neither it nor its problem. */
#ifndef PVI_SEPARATE_H
#define PVI_SEPARATE_H

#include "base/env.h"
#include "game/exchange.h"

enum { PVI_SEPARATE_LEAST = 20 }; /* texts of each side: fewer say nothing */

/* auc[0]: area under the ROC curve of these scores (each fold's brought to mean 0 and deviation 1) with its interval at
 * `level`. 0.5: nothing tells them apart; 1: everything. NaN with fewer than PVI_SEPARATE_LEAST of a side. side[i] is 0 or 1.
 * The same for any order of the folds' groups; `seed` deals them. */
pvg_status pvi_separate(pvi_env *env, const pvi_span *text, const uint8_t *side, const uint64_t *group, size_t count,
                        uint64_t seed, double level, double auc[3]);

#endif
