package emulator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"

	"vpnattach/shared/emulator"
)

// terraformCase is what the acceptance tests of a Terraform provider do to an
// attachment: they create or take one, then change it step by step. Every change has
// both subnets, and objects in full as far as the provider knows them.
type terraformCase struct {
	Name       string
	Create     map[string]any
	Connection string // an attachment that is there, instead of Create
	LeavesOut  bool   // it leaves out objects or keys, which only PartialReset resets
	Steps      []map[string]any
}

// What Terraform sends is in effect, and everything else is as it was, whatever the
// service does with what is left out.
func TestTerraform(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/terraform.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []terraformCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, tt := range cases {
		for _, partial := range []emulator.Partial{emulator.PartialKeep, emulator.PartialObjects, emulator.PartialReset} {
			t.Run(tt.Name+" "+string(partial), func(t *testing.T) {
				t.Parallel()
				h := start(t, emulator.Config{Partial: partial, HealthCapitals: true})
				to := params{"RegionId": "cn-hangzhou", "VpnConnectionId": tt.Connection}
				if tt.Create != nil {
					to["VpnConnectionId"] = h.must("CreateVpnAttachment", params{"RegionId": "cn-hangzhou"}.with(onWire(t, tt.Create))).text("VpnConnectionId")
					got := configuration(h.describe(to))
					for path, want := range asShown(tt.Create) {
						if got[path] != want {
							t.Errorf("created: %s: got %q, want %q", path, got[path], want)
						}
					}
				}
				for i, step := range tt.Steps {
					want := configuration(h.describe(to))
					if partial == emulator.PartialReset {
						want["EffectImmediately"] = "false"
					}
					maps.Copy(want, asShown(step))
					h.modify(to.with(onWire(t, step)))
					got := configuration(h.describe(to))
					if equal, lost := reflect.DeepEqual(got, want), tt.LeavesOut && partial == emulator.PartialReset; equal == lost {
						t.Errorf("step %d: what is left out is lost: want %v\ngot  %v\nwant %v", i+1, lost, got, want)
					}
				}
			})
		}
	}
}

// onWire writes parameters as they travel: objects as JSON text, lists flattened.
func onWire(t *testing.T, parameters map[string]any) params {
	t.Helper()
	wire := params{}
	for name, value := range parameters {
		switch value := value.(type) {
		case map[string]any:
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			wire[name] = string(text)
		case []any:
			for path, text := range flat(fmt.Sprint(name), value) {
				wire[path] = text
			}
		default:
			wire[name] = fmt.Sprint(value)
		}
	}
	return wire
}

// flat lists the values under a path as text; lists count from 1.
func flat(path string, value any) map[string]string {
	all := map[string]string{}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			maps.Copy(all, flat(path+"."+name, member))
		}
	case []any:
		for i, item := range value {
			maps.Copy(all, flat(fmt.Sprintf("%s.%d", path, i+1), item))
		}
	case float64:
		all[path] = fmt.Sprintf("%.0f", value)
	default:
		all[path] = fmt.Sprint(value)
	}
	return all
}

// asShown lists parameters by the paths at which Describe shows them.
func asShown(parameters map[string]any) map[string]string {
	all := map[string]string{}
	for path, text := range flat("", parameters) {
		path = strings.TrimPrefix(path, ".")
		path = strings.Replace(path, "TunnelOptionsSpecification.", "TunnelOptionsSpecification.TunnelOptions.", 1)
		path = strings.NewReplacer("HealthCheckConfig.", "VcoHealthCheck.", "TunnelBgpConfig.", "TunnelBgpConfig.", "BgpConfig.", "VpnBgpConfig.").Replace(path)
		all[path] = text
	}
	return all
}

// configuration is a description without what the service works out itself.
func configuration(a answer) map[string]string {
	all := map[string]string{}
	for path, text := range flat("", a.fields) {
		switch name := path[strings.LastIndexByte(path, '.')+1:]; name {
		case "State", "Status", "BgpStatus", "PeerAsn", "PeerBgpIp", "RequestId":
		default:
			all[strings.TrimPrefix(path, ".")] = text
		}
	}
	return all
}
