/* DC-09 frames as panels write them, and the answers that they wait for.
 *
 * In: an account, a sequence number, a serial that makes each frame unlike all others. Out: bytes with CRC-16/ARC and
 * length (SIA DC-09, 5.5.1). Written here by hand, and not by the station's own encoder: the two check each other.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_BYTES = 192, ANSWER_BYTES = 512 };
enum kind { OPENING, LINK_TEST, ALARM, CONTACT_ID };

static uint16_t crc_table[256];

static void prepare_crc(void) {
    for (unsigned n = 0; n < 256; n++) {
        unsigned crc = n;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
        crc_table[n] = (uint16_t)crc;
    }
}

static unsigned crc_of(const char *text, size_t length) {
    unsigned crc = 0;
    for (size_t n = 0; n < length; n++) crc = crc >> 8 ^ crc_table[(crc ^ (unsigned char)text[n]) & 0xFF];
    return crc;
}

static char *put(char *to, const char *text) {
    size_t length = strlen(text);
    memcpy(to, text, length);
    return to + length;
}

static char *put_decimal(char *to, uint64_t value, int digits) {
    char reversed[20];
    int count = 0;
    do reversed[count++] = (char)('0' + value % 10);
    while ((value /= 10) || count < digits);
    while (count) *to++ = reversed[--count];
    return to;
}

static char *put_hex(char *to, uint64_t value, int digits) {
    char reversed[20];
    int count = 0;
    do reversed[count++] = "0123456789ABCDEF"[value & 15];
    while ((value >>= 4) || count < digits);
    while (count) *to++ = reversed[--count];
    return to;
}

/* LF, CRC, length, the body that lies at `frame + 9` and ends at `end`, CR; the bytes of it all. */
static size_t enclose(char *frame, char *end) {
    size_t length = (size_t)(end - frame - 9);
    *frame = '\n';
    put_hex(frame + 1, crc_of(frame + 9, length), 4);
    put_hex(frame + 5, length, 4);
    *end = '\r';
    return (size_t)(end + 1 - frame);
}

static size_t write_frame(char *frame, enum kind kind, uint64_t account, unsigned sequence, uint64_t serial) {
    char number[20], *end = frame + 9;
    *put_hex(number, account, 4) = 0;
    end = put(end, kind == LINK_TEST ? "\"NULL\"" : kind == CONTACT_ID ? "\"ADM-CID\"" : "\"SIA-DCS\"");
    end = put(put(put_decimal(end, sequence, 4), "L0#"), number);
    end = put(end, "[");
    if (kind == CONTACT_ID) {
        end = put(put(put(end, "#"), number), "|1130 01 ");
        end = put_decimal(end, serial % 99 + 1, 3);
    } else if (kind != LINK_TEST) {
        end = put(put(put(end, "#"), number), kind == ALARM ? "|Nri1/BA" : "|Nri1/OP");
        end = put(put_decimal(end, serial % 90 + 1, 3), "^Load ");
        end = put(put_decimal(end, serial, 1), "^");
    }
    return enclose(frame, put(end, "]"));
}

static size_t write_ack(char *frame, uint64_t account, unsigned sequence) {
    char *end = put(put_decimal(put(frame + 9, "\"ACK\""), sequence, 4), "L0#");
    return enclose(frame, put(put_hex(end, account, 4), "[]"));
}

/* Whether another's ACK, which may echo L or a time in its own manner, names this frame and has a right CRC. */
static int acknowledges(const char *answer, size_t length, uint64_t account, unsigned sequence) {
    char token[16], number[24], body[ANSWER_BYTES], *end;
    if (length < 20 || length >= sizeof body || answer[0] != '\n' || answer[length - 1] != '\r') return 0;
    memcpy(body, answer + 1, length - 1);
    body[length - 2] = 0;
    const char *text = strchr(body, '"');
    if (!text || text != body + 8) return 0;
    char head[9];
    memcpy(head, body, 8);
    head[8] = 0;
    if (strtoul(head + 4, &end, 16) != strlen(text) || *end) return 0;
    head[4] = 0;
    if (strtoul(head, &end, 16) != crc_of(text, strlen(text)) || *end) return 0;
    *put_decimal(put(token, "\"ACK\""), sequence, 4) = 0;
    *put(put_hex(put(number, "#"), account, 4), "[") = 0;
    return !strncmp(text, token, strlen(token)) && strstr(text, number) != NULL;
}

#endif
