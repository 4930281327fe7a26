package pipeline

import (
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
)

var (
	eventForeign = finding.Declare(finding.Check{
		ID: "event-not-for-us", Severity: finding.Info, Part: finding.Event,
		Title: "The event is not a change document, and no rule matches it.",
		Why:   "Sources send many kinds of events. This one asks for no change, which is not an error.",
		Hint:  "give a rule file whose pattern matches the event",
	})
	misspelled = finding.Declare(finding.Check{
		ID: "change-misspelled", Severity: finding.Error, Part: finding.Event,
		Title: "The event has the parameters of a change document in another spelling, and no rule matches it.",
		Why:   "Terraform and SDKs spell the parameters otherwise, as region_id. Such a document is meant as a change, and would be passed over as a stranger's event.",
		Hint:  "name the attachment by RegionId and VpnConnectionId, and all parameters, spelled so; or write a rule",
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
	spelled, named := resembles(record.Document)
	switch {
	case record.Refusal != nil:
		return finding.Findings{record.Refusal.Finding()}
	case record.Idle:
		return finding.Findings{eventForeign.At("", "the event is a check of its service and asks for nothing").Hinted("nothing to do")}
	case record.Kind == event.DynamoDB && record.Data != "":
		return finding.Findings{eventForeign.At("", "the item is not a change document").Hinted(itemRule)}
	case named:
		return finding.Findings{misspelled.At("", "the event has "+spelled+", and a change document spells them otherwise")}
	case record.Kind == event.Payload && o.Rules == nil:
		unknown := event.Unknown(*record)
		if spelled != "" {
			unknown.Hint = misspelled.Hint
		}
		return finding.Findings{unknown.Finding()}
	}
	message := "the event is not a change document"
	if o.Rules != nil {
		message += ", and no rule matches it"
	}
	return finding.Findings{eventForeign.At("", message)}
}

// resembles lists the keys of a document that are parameters in any spelling, and reports
// whether they name an attachment and something to change in it.
func resembles(document jsontext.Value) (spelled string, named bool) {
	var keys []string
	attached, more := false, false
	for key := range document.Members {
		name := attachment.Spelled(key)
		top, _, _ := strings.Cut(name, ".")
		top, _, _ = strings.Cut(top, "[")
		switch top {
		case "":
			continue
		case "VpnConnectionId":
			attached = true
		case "RegionId", "TunnelOptionsSpecification", "IkeConfig", "IpsecConfig", "BgpConfig", "HealthCheckConfig", "LocalSubnet", "RemoteSubnet":
			more = true
		}
		if len(keys) < mostKeys {
			keys = append(keys, finding.Name(key))
		}
	}
	return strings.Join(keys, ", "), attached && more
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
