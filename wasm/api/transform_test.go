package api

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// An output has a bound, and says how many results are beyond it.
func TestTransformIsBounded(t *testing.T) {
	t.Parallel()
	const all, most = 300, 20_000
	event := "[" + strings.Repeat(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"n"},`, all-1) + `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"n"}]`
	rules := `{"rules":[{"name":"r","match":{"a":["b"]},"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"n"}}]}`
	out := string(transform([]byte(`{"event":`+event+`,"rules":`+rules+`,"explain":true}`), most))
	results, leftOut, explanations := gjson.Get(out, "results.#").Int(), gjson.Get(out, "leftOut").Int(), gjson.Get(out, "explanations.#").Int()
	if !gjson.Valid(out) || results < 10 || results+leftOut != all || leftOut < 10 || explanations != all || len(out) > 3*most {
		t.Errorf("%d results, %d left out, %d explanations in %d bytes", results, leftOut, explanations, len(out))
	}
}
