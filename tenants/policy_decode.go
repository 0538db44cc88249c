package tenants

import (
	"encoding/json"
	"fmt"
)

// DecodePolicy reads a stored policy. Knobs that the document does not name (it may be older than they
// are) have the value of its preset.
func DecodePolicy(doc json.RawMessage) (Policy, error) {
	var named struct {
		Preset string `json:"preset"`
	}
	if err := json.Unmarshal(doc, &named); err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	p, ok := Preset(named.Preset)
	if !ok {
		return Policy{}, fmt.Errorf("policy: unknown preset %q", named.Preset)
	}
	if err := json.Unmarshal(doc, &p); err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	return p, nil
}
