/* yaml.h - what reading any YAML file of the program shares: hearing what libcyaml has against it. */
#ifndef PVGAME_YAML_H
#define PVGAME_YAML_H

#include <cyaml/cyaml.h>

/* What libcyaml says while it fails: a sentence, then the mappings it stood in, innermost first. */
typedef struct complaint {
    char text[512];
    char key[128];               /* that the schema does not have */
    char inner[128], outer[128]; /* keys of the mappings; outer is "" at the top */
    unsigned long line;
} complaint;
cyaml_config_t yaml_config(complaint *heard);
/* "FILE:LINE", or the file alone when the line is not known. */
const char *where_text(const char *path, unsigned long line, char *buffer, size_t size);
/* The failure of a file that is no YAML, or not of the wanted form; gives the exit code. */
int no_yaml(const char *path, const char *where, const char *reason);

#endif
