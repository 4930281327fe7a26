package pipeline

import (
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
)

var (
	eventForeign = finding.Declare(finding.Check{
		ID: "event-not-for-us", Severity: finding.Info, Part: finding.Event,
		Title: "The event is not a change document, and no rule matches it.",
		Why:   "Sources send many kinds of events. This one asks for no change, which is not an error.",
		Hint:  "give a rule file whose pattern matches the event",
	})
	// RequestInside finds an HTTP request as a gateway hands it on, within another envelope.
	RequestInside = finding.Declare(finding.Check{
		ID: "request-not-verified", Severity: finding.Error, Part: finding.Delivery,
		Title: "An HTTP request came by another way than over HTTP, where its signature would have been checked.",
		Why:   "The signature says who has sent a request and that it was not altered. What comes by way of a queue can be checked for neither.",
		Hint:  "have its sender post it again, signed; no HTTP request is ever kept to be sent again",
	})
	itemForeign = finding.Declare(finding.Check{
		ID: "item-needs-rule", Severity: finding.Error, Part: finding.Event,
		Title: "An item of a DynamoDB table has attributes that are not parameters of a change.",
		Why:   "Tables have keys, a time to live and attributes of their own, which nobody can leave out. Only a rule knows which ones are parameters.",
		Hint:  itemRule,
	})
)

const itemRule = "write a rule that says which attributes are parameters, as events/rules/dynamodb-table.json does"

// mostKeys is how many keys a finding names.
const mostKeys = 8

// nothing says why a record asks for no change: an error for an event that is recognised
// but not taken, and for an unknown payload when there are no rules that could match it.
func nothing(record *event.Record, o *Options) finding.Findings {
	switch {
	case record.Refusal != nil:
		return finding.Findings{record.Refusal.Finding()}
	case record.Idle:
		return finding.Findings{eventForeign.At("", "the event is a check of its service and asks for nothing").Hinted("nothing to do")}
	case record.Kind == event.DynamoDB && record.Data != "":
		return finding.Findings{eventForeign.At("", "the item is not a change document").Hinted(itemRule)}
	case record.Kind == event.Payload && o.Rules == nil:
		unknown := event.Unknown(*record)
		for key := range record.Document.Members {
			if attachment.Spelled(key) != "" {
				unknown.Hint = "a change document names its attachment by RegionId and VpnConnectionId, spelled so"
			}
		}
		return finding.Findings{unknown.Finding()}
	}
	message := "the event is not a change document"
	if o.Rules != nil {
		message += ", and no rule matches it"
	}
	return finding.Findings{eventForeign.At("", message)}
}

// isChange reports whether a record is meant as a change document: it is one, or names an
// attachment and something to change in it in another spelling, such as vpn_connection_id
// and ike_config. What is spelled otherwise is then an error with its fix.
func isChange(record *event.Record) bool {
	if record.IsChange() {
		return true
	}
	attached, more := false, false
	for key := range record.Document.Members {
		name := attachment.Spelled(key)
		if i := strings.IndexAny(name, ".["); i >= 0 {
			name = name[:i]
		}
		switch name {
		case "VpnConnectionId":
			attached = true
		case "RegionId", "TunnelOptionsSpecification", "IkeConfig", "IpsecConfig", "BgpConfig", "HealthCheckConfig", "LocalSubnet", "RemoteSubnet":
			more = true
		}
	}
	return attached && more
}

// foreignItem finds an item of a table that has more than parameters, or one that is null
// as unset columns are.
func foreignItem(record *event.Record) finding.Findings {
	if record.Kind != event.DynamoDB {
		return nil
	}
	var names []string
	for key, member := range record.Document.Members {
		switch {
		case attachment.Spelled(key) == "":
			names = append(names, finding.Name(key))
		case member.IsNull():
			names = append(names, finding.Name(key)+" (NULL)")
		}
	}
	if len(names) == 0 {
		return nil
	}
	said := strings.Join(names[:min(mostKeys, len(names))], ", ")
	if len(names) > mostKeys {
		said += " and more"
	}
	return finding.Findings{itemForeign.At("", "the item has attributes that are not parameters: "+said)}
}
