package insight_test

import (
	"testing"

	"portico/app/insight"
)

func TestFormulasAreText(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "Ava": "Ava", "a=b": "a=b", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1",
		"  =1": "'  =1", "\u00a0=1": "'\u00a0=1", "＝1": "'＝1", `{"a":1}`: `{"a":1}`, "2026-11-22T00:00:00Z": "2026-11-22T00:00:00Z",
	} {
		if got := insight.Neutral(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}
