/* tokenizer_alphabet.c - the byte alphabet of GPT-2: bytes that print in Latin-1 stand for themselves, the 68 others
 * are, in order, the characters from U+0100 on. */
#include <utf8proc.h>

#include "model/tokenizer_parts.h"

enum { SHIFTED = 256 };

static bool stands_for_itself(uint32_t c) {
    return (c >= 33 && c <= 126) || (c >= 161 && c <= 172) || (c >= 174 && c <= 255);
}

uint32_t pvi_alphabet_char(unsigned char byte) {
    if (stands_for_itself(byte)) {
        return byte;
    }
    uint32_t before = 0; /* bytes below this one that are shifted too */
    for (uint32_t c = 0; c < byte; c++) {
        before += stands_for_itself(c) ? 0 : 1;
    }
    return SHIFTED + before;
}

void pvi_alphabet_put(pvi_text *out, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        utf8proc_uint8_t encoded[4];
        utf8proc_ssize_t size = utf8proc_encode_char((utf8proc_int32_t)pvi_alphabet_char((unsigned char)bytes[i]),
                                                     encoded);
        pvi_text_append(out, (const char *)encoded, (size_t)size);
    }
}

static int byte_of(uint32_t c) {
    if (c < SHIFTED) {
        return stands_for_itself(c) ? (int)c : -1;
    }
    if (c >= PVI_ALPHABET_END) {
        return -1;
    }
    uint32_t left = c - SHIFTED;
    for (uint32_t byte = 0; byte < 256; byte++) {
        if (!stands_for_itself(byte) && left-- == 0) {
            return (int)byte;
        }
    }
    return -1;
}

bool pvi_alphabet_take(pvi_text *out, const char *word, size_t length) {
    size_t before = out->length;
    for (size_t at = 0; at < length;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)word + at,
                                                 (utf8proc_ssize_t)(length - at), &c);
        int byte = size > 0 ? byte_of((uint32_t)c) : -1;
        if (byte < 0) {
            pvi_text_cut(out, before);
            if (out->data != NULL) out->data[before] = '\0';
            return false;
        }
        char one = (char)byte;
        pvi_text_append(out, &one, 1);
        at += (size_t)size;
    }
    return true;
}
