#pragma once

// Two groups of functions are marked deprecated in OpenSSL 3 and used all the same: low-level SHA-256, several times as
// fast on a journal line as EVP, which allocates and looks up a provider for each digest; and EC_KEY (see below).
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

// ---- Macros, which Swift does not import -------------------------------------------------------------------------

static inline void tg_context_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }

static inline void tg_context_set_options(SSL_CTX *context) {
    // Renegotiation (TLS 1.2) would let a peer make the gate work, and change who it is after it was checked.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

/// Everything escaped to ASCII: what is printed was chosen by a stranger.
static inline int tg_print_name(BIO *bio, const X509_NAME *name) {
    return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
}

static inline int tg_print_string(BIO *bio, const ASN1_STRING *string) {
    return ASN1_STRING_print_ex(bio, string, ASN1_STRFLGS_RFC2253);
}

static inline int tg_context_set_oldest_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline void tg_context_set_read_ahead(SSL_CTX *context) { SSL_CTX_set_read_ahead(context, 1); }

static inline void tg_context_set_session_cache_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline void tg_context_set_server_name_callback(SSL_CTX *context, int (*callback)(SSL *, int *, void *)) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
}

static inline int tg_set_server_name(SSL *ssl, const char *name) { return (int)SSL_set_tlsext_host_name(ssl, name); }

static inline long tg_memory_contents(BIO *bio, char **start) { return BIO_get_mem_data(bio, start); }

static inline void tg_free(void *memory) { OPENSSL_free(memory); }

static inline int tg_general_name_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

static inline const GENERAL_NAME *tg_general_name(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

static inline int tg_general_names_push(GENERAL_NAMES *names, GENERAL_NAME *name) {
    return sk_GENERAL_NAME_push(names, name);
}

static inline int tg_cipher_set_tag(EVP_CIPHER_CTX *context, void *tag, int length) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length, tag);
}

static inline int tg_cipher_get_tag(EVP_CIPHER_CTX *context, void *tag, int length) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, length, tag);
}

/// A P-256 key in the form of OpenSSL 1.1: X509_set_pubkey takes 5 us with it, and 170 us with a key of EVP_EC_gen, which
/// goes through an encoder and a decoder each time. EVP_PKEY_assign_EC_KEY is a macro.
static inline EVP_PKEY *tg_generate_p256(void) {
    EC_KEY *curve = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    EVP_PKEY *key = EVP_PKEY_new();
    if (curve && key && EC_KEY_generate_key(curve) && EVP_PKEY_assign_EC_KEY(key, curve)) return key;
    EC_KEY_free(curve);
    EVP_PKEY_free(key);
    return NULL;
}

// ---- A union member, which Swift imports without its type --------------------------------------------------------

/// The dNSName of a general name, or NULL where it is something else.
static inline const ASN1_STRING *tg_dns_name(const GENERAL_NAME *name) {
    return name->type == GEN_DNS ? name->d.dNSName : NULL;
}

/// The iPAddress of a general name, or NULL where it is something else.
static inline const ASN1_STRING *tg_ip_address(const GENERAL_NAME *name) {
    return name->type == GEN_IPADD ? name->d.iPAddress : NULL;
}

// ---- The BIO -----------------------------------------------------------------------------------------------------
// Reads and writes a socket that an edge-triggered event loop watches, and asks the kernel only when the loop has seen
// the socket become ready: OpenSSL tries one read more than there is data for, each time.

enum { TG_READABLE = 1, TG_WRITABLE = 2, TG_HANGUP = 4 };

typedef struct {
    int descriptor;
    /// errno of the read or write that ended the connection, 0 while it lives.
    int error;
    /// Bits TG_READABLE, TG_WRITABLE and TG_HANGUP, set by the event loop and cleared here; hang-up is for ever.
    unsigned char *readiness;
    /// The peer's end of stream was seen.
    unsigned char ended;
    /// A call failed for good: the session must neither be shut down (its peer would be told a lie) nor resumed.
    unsigned char broken;
} tg_wire;

static int tg_wire_read(BIO *bio, char *buffer, int length) {
    tg_wire *wire = (tg_wire *)BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!(*wire->readiness & (TG_READABLE | TG_HANGUP))) {
        BIO_set_retry_read(bio);
        return -1;
    }
    for (;;) {
        ssize_t count = recv(wire->descriptor, buffer, (size_t)length, 0);
        if (count > 0) {
            // Less than asked for: the socket is drained, and what comes next comes with a new edge.
            if (count < length) *wire->readiness &= (unsigned char)~TG_READABLE;
            return (int)count;
        }
        if (count == 0) {
            wire->ended = 1;
            return 0;
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            *wire->readiness &= (unsigned char)~TG_READABLE;
            // Hung up and nothing to read cannot be waited for: it is the end.
            if (*wire->readiness & TG_HANGUP) {
                wire->ended = 1;
                return 0;
            }
            BIO_set_retry_read(bio);
            return -1;
        }
        wire->error = errno;
        return -1;
    }
}

static int tg_wire_write(BIO *bio, const char *buffer, int length) {
    tg_wire *wire = (tg_wire *)BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!(*wire->readiness & (TG_WRITABLE | TG_HANGUP))) {
        BIO_set_retry_write(bio);
        return -1;
    }
    for (;;) {
        ssize_t count = send(wire->descriptor, buffer, (size_t)length, MSG_NOSIGNAL);
        if (count >= 0) {
            if (count < length) *wire->readiness &= (unsigned char)~TG_WRITABLE;
            return (int)count;
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            *wire->readiness &= (unsigned char)~TG_WRITABLE;
            BIO_set_retry_write(bio);
            return -1;
        }
        wire->error = errno;
        return -1;
    }
}

/// End of stream is not answered here: OpenSSL would then try to send an alert into a connection that is gone. The
/// session reads `ended` instead.
static long tg_wire_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// One for the process: OpenSSL has room for about a hundred kinds.
static inline BIO_METHOD *tg_wire_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "event loop socket");
    if (!method) return NULL;
    if (!BIO_meth_set_read(method, tg_wire_read) || !BIO_meth_set_write(method, tg_wire_write)
        || !BIO_meth_set_ctrl(method, tg_wire_control)) {
        BIO_meth_free(method);
        return NULL;
    }
    return method;
}

/// The wire stays the caller's.
static inline BIO *tg_wire_bio(const BIO_METHOD *method, tg_wire *wire) {
    BIO *bio = BIO_new(method);
    if (!bio) return NULL;
    BIO_set_data(bio, wire);
    BIO_set_init(bio, 1);
    return bio;
}

/// What the last call on a session waits for: TG_READABLE, TG_WRITABLE, or 0 where it failed or ended. SSL_get_error
/// says the same once it has looked through the thread's queue of errors, and is misled by what others left there.
static inline int tg_session_wants(SSL *session) {
    if (SSL_want_read(session) && BIO_should_read(SSL_get_rbio(session))) return TG_READABLE;
    if (SSL_want_write(session) && BIO_should_write(SSL_get_wbio(session))) return TG_WRITABLE;
    return 0;
}
