package vpc

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/outcome"
)

// pskMismatch is the FailedReasonCode of keys that differ.
const pskMismatch = "PskMismatch"

// normal is the Severity of a tunnel without a fault.
const normal = "Normal"

// mostDiagnoses is how many are kept. An attachment has two tunnels, and an outcome has
// a limited size.
const mostDiagnoses = 10

// Diagnose asks the service why tunnels of an attachment are down, which current shows
// as it is now. It returns what it has found, in the order of the tunnels; nothing for a
// tunnel that has no fault. Cause and remedy are those of [Causes]; a code that is not
// among them has the words of the service. What comes from outside is shown only as far
// as it can't be a key, and the log of the tunnel never. Its errors are [*Error].
func (c *Client) Diagnose(ctx context.Context, region string, current *attachment.Current) ([]outcome.Diagnosis, error) {
	call := &call{client: c, action: request.DiagnoseAction, region: region, id: current.VpnConnectionID, change: current.Config()}
	index := map[string]int{}
	var ids []string
	for i, t := range current.Tunnels {
		if t.ID != "" {
			index[t.ID], ids = i+1, append(ids, t.ID)
		}
	}
	answer, err := call.send(ctx, func(b *request.Builder, o request.Options) (*request.Request, error) {
		return b.Diagnose(region, current.VpnConnectionID, ids, o)
	})
	if err != nil {
		return nil, err
	}
	results := gjson.Get(answer, "VpnConnections")
	if !gjson.Valid(answer) || !results.IsArray() {
		return nil, call.unexpectedResponse("the answer holds no diagnosis")
	}
	var found []outcome.Diagnosis
	for _, result := range results.Array() {
		tunnel, known := index[result.Get("TunnelId").Str]
		if id := result.Get("VpnConnectionId").Str; known == (len(ids) == 0) || id != "" && id != call.id {
			return nil, call.unexpectedResponse("the answer is about another attachment")
		}
		if result.Get("Severity").Str != normal {
			found = append(found, call.diagnosis(tunnel, result))
		}
	}
	slices.SortStableFunc(found, func(a, b outcome.Diagnosis) int { return cmp.Compare(a.Tunnel, b.Tunnel) })
	return found[:min(len(found), mostDiagnoses)], nil
}

// diagnosis reads what is said of one tunnel.
func (c *call) diagnosis(tunnel int, result gjson.Result) outcome.Diagnosis {
	code := c.secrets.SafeID(result.Get("FailedReasonCode").Str, maxCode)
	row, documented := ExplainCause(code)
	d := outcome.Diagnosis{
		Tunnel: tunnel, Severity: c.secrets.SafeID(result.Get("Severity").Str, maxCode), Code: cmp.Or(code, "unknown"),
		Cause:  cmp.Or(row.Meaning, c.secrets.SafeText(result.Get("FailedReason").String()), "The service gives a reason that can't be shown."),
		Remedy: cmp.Or(row.Remedy, "Look for the code in the service's list of errors of IPsec-VPN connections, and at the tunnel's log in the console."),
	}
	// Where keys differ, the values could be the keys, and the one of the other end is not
	// known here. What a code means that is not documented is not known either.
	if documented && code != pskMismatch {
		d.Ours, d.Theirs = c.secrets.SafeText(result.Get("MismatchLocalParam").String()), c.secrets.SafeText(result.Get("MismatchRemoteParam").String())
	}
	if at := result.Get("FailedTime").Int(); at > 0 {
		d.Since = time.UnixMilli(at).UTC()
	}
	return d
}
