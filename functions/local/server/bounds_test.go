package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
	"vpnattach/shared/core/rules"
)

// TestAnswersAreBounded: a flood of findings or of changes makes no large answer, and
// what is kept of it is listed in pages.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	const most = 256 << 10
	set, _ := rules.Load([]byte(`{"rules":[{"name":"all","match":{"type":["sites"]},"each":"sites","from":{"VpnConnectionId":"id"},"with":{"RegionId":"cn-hangzhou","Name":"n"}}]}`))
	r := start(t, stateDir(t), func(c *server.Config) { c.Rules = set })
	for name, event := range map[string]string{
		"repetitions": `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localfree",` + strings.Repeat(`"Name":"n",`, 9000) + `"Name":"n"}`,
		"elements":    `{"type":"sites","sites":[` + strings.Repeat(`{"id":"vco-localsingle","a":1},`, 1500) + `{}]}`,
		"records":     "[" + strings.Repeat(`{"specversion":"1.0","id":"e","source":"/s","type":"t","data":{}},`, 1500) + `{"specversion":"1.0","id":"e","source":"/s","type":"t"}]`,
	} {
		_, answer := r.do(http.MethodPost, r.events+"/events", event)
		if n := len(gjson.Get(answer, "outcomes").Array()); n == 0 || len(answer) > max(most, 2*len(event)) {
			t.Errorf("%s: %d bytes and %d outcomes for %d bytes", name, len(answer), n, len(event))
		}
	}
	if response, answer := r.do(http.MethodPost, r.events+"/events", `{"specversion":"1.0","id":"`+strings.Repeat("i", 900_000)+`","source":"s","type":"t","data":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"n"}}`); response.StatusCode != http.StatusBadRequest ||
		gjson.Get(answer, "error.code").Str != "event-name-too-long" || len(answer) > 1024 {
		t.Errorf("a long id: got %d and %.300s", response.StatusCode, answer)
	}
	for i := range 250 {
		r.invokeIngest(fmt.Sprintf(`{"detail-type":"T","source":"s%d","detail":1}`, i))
	}
	for path, least := range map[string]int{"/outcomes": 3000, "/dead-letters": 250} {
		for _, query := range []string{"?", "?limit=1000&"} {
			seen, pages, after := 0, 0, ""
			for more := true; more; pages++ {
				response, answer := r.do(http.MethodGet, r.events+path+query+"after="+after, "")
				list := gjson.Get(answer, map[string]string{"/outcomes": "outcomes", "/dead-letters": "deadLetters"}[path]).Array()
				if response.StatusCode != http.StatusOK || len(list) == 0 || len(answer) > most+8192 {
					t.Fatalf("%s%s: HTTP %d, %d of them in %d bytes", path, query, response.StatusCode, len(list), len(answer))
				}
				seen += len(list)
				after = gjson.Get(answer, "next").Str
				more = after != ""
			}
			if seen < least || pages < 2 && query == "?" {
				t.Errorf("%s%s: %d in %d pages, fewer than %d", path, query, seen, pages, least)
			}
		}
		for _, query := range []string{"?limit=0", "?limit=x", "?limit=1001", "?limit=1&limit=2", "?Limit=1", "?evntId=x", "?%zz"} {
			if response, answer := r.do(http.MethodGet, r.events+path+query, ""); response.StatusCode != http.StatusBadRequest {
				t.Errorf("%s%s: got %s", path, query, answer)
			}
		}
	}
}
