package confirm

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// negotiationTime is how long a tunnel has to come up once the attachment is as asked.
// It is short, since somebody may wait for the outcome to change the other end.
const negotiationTime = 30 * time.Second

// diagnoseWithin is how long the service may take to say why. The outcome does not wait
// for more, and a delivery has time for some that take as long.
const diagnoseWithin = 10 * time.Second

// down returns the tunnels that are not up, though they were before the change or the
// change has to bring them up: their indexes, 0 for a single-tunnel connection.
func down(m *message.Check, o *outcome.Outcome, current *attachment.Current) (indexes []int) {
	if current == nil || o.Status == outcome.Superseded || o.Status == outcome.Failed {
		return nil
	}
	negotiates := !m.Sent.IsZero() && current.Config().Text(attachment.EffectImmediately) == "true"
	for i, status := range current.Negotiation() {
		index := 0
		if current.Dual {
			index = i + 1
		}
		wasUp := i < len(m.Before) && m.Before[i] == outcome.Established
		if status != outcome.Established && (wasUp || negotiates && slices.ContainsFunc(m.Asked, func(a message.Asked) bool { return touches(a.Field, index) })) {
			indexes = append(indexes, index)
		}
	}
	return indexes
}

// touches reports whether a change of the field makes the tunnel negotiate.
func touches(field string, index int) bool {
	if strings.HasPrefix(field, "Tunnel.") {
		return strings.HasPrefix(field, "Tunnel."+strconv.Itoa(index)+".")
	}
	return field != "Name"
}

// diagnose asks once why tunnels are down. What can't be found out is said too.
func diagnose(ctx context.Context, service Service, region string, current *attachment.Current, awaited []int) []outcome.Diagnosis {
	ctx, cancel := context.WithTimeout(ctx, diagnoseWithin)
	defer cancel()
	found, err := service.Diagnose(ctx, region, current)
	if err != nil {
		why := outcome.ReasonOf(err)
		d := outcome.Diagnosis{Code: why.Code, Cause: "The service was asked why, and failed: " + why.Message, Remedy: why.Remedy}
		if why.Class != outcome.ClassBlocked { // else a person can do what it says
			d.Remedy = "Look at the tunnel's error code in the console."
		}
		return []outcome.Diagnosis{d}
	}
	for _, index := range awaited {
		if !slices.ContainsFunc(found, func(d outcome.Diagnosis) bool { return d.Tunnel == index }) {
			found = append(found, outcome.Diagnosis{Tunnel: index, Code: "no-reason", Cause: "The tunnel is not up, and the service gives no reason.",
				Remedy: "Look at the tunnel's log in the console, and at that of the device at the other end."})
		}
	}
	return found
}
