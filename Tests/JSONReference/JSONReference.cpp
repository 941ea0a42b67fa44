#include "JSONReference.h"

#include <cstdlib>
#include <cstring>
#include <simdjson.h>
#include <string>
#include <string_view>

namespace {

void put(std::string &out, char kind, std::string_view text) {
    out += kind;
    out += std::to_string(text.size());
    out += ':';
    out += text;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::strchr(" \t\r\n", text.back())) text.remove_suffix(1);
    return text;
}

// Throws simdjson_error. Templated over value and document, which simdjson keeps apart.
template <typename Value> void walk(Value &&value, std::string &out) {
    using simdjson::ondemand::json_type;
    switch (json_type(value.type())) {
    case json_type::array:
        out += '[';
        for (auto element : value.get_array()) walk(element.value(), out);
        out += ']';
        break;
    case json_type::object:
        out += '{';
        for (auto field : value.get_object()) {
            put(out, 'k', std::string_view(field.unescaped_key()));
            walk(field.value().value(), out);
        }
        out += '}';
        break;
    case json_type::string: put(out, 's', std::string_view(value.get_string())); break;
    case json_type::number: put(out, 'n', trimmed(std::string_view(value.raw_json_token()))); break;
    case json_type::boolean: out += bool(value.get_bool()) ? 't' : 'f'; break;
    case json_type::null: out += 'z'; break;
    }
}

} // namespace

json_reference_verdict json_reference_read(const uint8_t *bytes, size_t count, uint8_t **text, size_t *length) {
    *text = nullptr;
    *length = 0;
    simdjson::padded_string padded(reinterpret_cast<const char *>(bytes), count);
    // The first reader checks everything, but has no numbers as written; the second has, and checks what it meets.
    simdjson::dom::parser dom;
    simdjson::dom::element root;
    auto error = dom.parse(padded).get(root);
    bool isLarge = error == simdjson::NUMBER_ERROR || error == simdjson::NUMBER_OUT_OF_RANGE;
    if (error && !isLarge) return json_reference_refused;
    std::string out;
    try {
        simdjson::ondemand::parser parser;
        simdjson::ondemand::document document = parser.iterate(padded);
        if (document.is_scalar()) {
            // From the first reader: the second of version 3.0 stumbles over blanks after a lone word.
            switch (simdjson::ondemand::json_type(document.type())) {
            case simdjson::ondemand::json_type::string: put(out, 's', std::string_view(root.get_string())); break;
            case simdjson::ondemand::json_type::number:
                put(out, 'n', trimmed(std::string_view(document.raw_json_token())));
                break;
            case simdjson::ondemand::json_type::boolean: out += bool(root.get_bool()) ? 't' : 'f'; break;
            default: out += 'z'; break;
            }
        } else {
            simdjson::ondemand::value value = document.get_value();
            walk(value, out);
        }
    } catch (const simdjson::simdjson_error &) {
        return json_reference_refused;
    }
    *text = static_cast<uint8_t *>(std::malloc(out.size() + 1));
    if (!*text) return json_reference_refused;
    std::memcpy(*text, out.data(), out.size());
    *length = out.size();
    return isLarge ? json_reference_large_number : json_reference_accepted;
}
