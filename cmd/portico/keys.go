package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"portico/tenants"
)

// ring reads a list of keys and refuses material that somebody typed instead of drawing it.
func ring(list string) (tenants.Keyring, error) {
	if list == "" {
		return tenants.Keyring{}, errors.New("is not set; make one with: echo \"k1:$(openssl rand -base64 32)\"")
	}
	keys, err := tenants.ParseKeyring(list)
	if err != nil {
		return keys, err
	}
	for id, key := range material(list) {
		if placeholder(key) {
			return tenants.Keyring{}, fmt.Errorf("key %q is a placeholder, not random bytes; make one with: openssl rand -base64 32", id)
		}
	}
	return keys, nil
}

// material are the keys of a list that ParseKeyring took, by their ids.
func material(list string) map[string][]byte {
	keys := map[string][]byte{}
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		id, encoded, _ := strings.Cut(item, ":")
		if key, err := base64.StdEncoding.DecodeString(encoded); err == nil && len(key) > 0 {
			keys[id] = key
		}
	}
	return keys
}

// placeholder tells whether bytes cannot have been drawn at random: all printable (32 random bytes are
// with a chance of 10⁻¹³), hardly any different, or with a word of examples in them.
func placeholder(key []byte) bool {
	distinct, printable := map[byte]bool{}, true
	for _, b := range key {
		distinct[b] = true
		printable = printable && b >= 0x20 && b < 0x7f
	}
	if printable || len(distinct) < 8 {
		return true
	}
	small := bytes.ToLower(key)
	for _, word := range []string{"change", "secret", "example", "placeholder", "password", "replace", "default"} {
		if bytes.Contains(small, []byte(word)) {
			return true
		}
	}
	return false
}

// apart refuses key bytes that two lists share, under whatever ids: who learns one must not hold the other.
func apart(seals, peppers string) error {
	others := material(peppers)
	for sealID, key := range material(seals) {
		for pepperID, other := range others {
			if bytes.Equal(key, other) {
				return fmt.Errorf("key %q is the same as key %q of PORTICO_SEAL_KEYS; each needs bytes of its own", pepperID, sealID)
			}
		}
	}
	return nil
}
